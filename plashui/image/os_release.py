"""The distribution of an image, from os-release(5) in its layers."""

from __future__ import annotations

import os
from collections.abc import Iterable

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.model.forest import Forest, layer_paths
from plashui.store.metadata import DATA
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

_OS_RELEASE: Final = ("usr/lib/os-release", "etc/os-release")
_MOST: Final = 64 * 1024  # bytes of an os-release that are read


def named_by(store: Store, node: str) -> str:
    """Return PRETTY_NAME from a layer's own os-release; '' if it has none.

    `node` is the layer's directory relative to the store. An image belongs to the
    distribution that the topmost such layer of its chain names.
    """
    for name in _OS_RELEASE:
        text = _read_inside(f"{store.root}/{node}/{DATA}/root", name)
        for line in text.splitlines():
            key, _equals, value = line.partition("=")
            if key == "PRETTY_NAME":
                return _unquote(value)
    return ""


def distributions(
    store: Store, forest: Forest, images: Iterable[int], cancel: Cancel
) -> dict[int, str]:
    """Return the distribution that each image's own layer names, '' for none.

    Raises Cancelled.
    """
    paths = layer_paths(forest)
    found: dict[int, str] = {}
    for image in images:
        cancel.check()
        found[image] = named_by(store, paths[image])
    return found


def _unquote(value: str) -> str:
    import shlex

    try:
        words = shlex.split(value)
    except ValueError:
        return value.strip()
    return words[0] if words else ""


def _read_inside(root: str, path: str) -> str:
    """Return the text of a file in a layer, following no link; '' if unreadable."""
    at = -1
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        at = os.open(root, flags | os.O_DIRECTORY)
        *parents, name = path.split("/")
        for parent in parents:
            below = os.open(parent, flags | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        file = os.open(name, flags, dir_fd=at)
    except OSError:
        return ""
    finally:
        if at >= 0:
            os.close(at)
    try:
        return os.read(file, _MOST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    finally:
        os.close(file)
