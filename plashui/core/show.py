"""Everything worth telling about one image."""

from __future__ import annotations

import os
import shlex
from typing import Final, NamedTuple

from plashui.core import marks
from plashui.core.forest import Forest, Size, lineage_paths
from plashui.core.kept import kept
from plashui.core.meta import DATA, META, read_json
from plashui.core.store import Store

_OS_RELEASE: Final = ("usr/lib/os-release", "etc/os-release")
_MOST: Final = 64 * 1024  # bytes of an os-release that are read


class Description(NamedTuple):
    """One image; sizes in allocated bytes, `created` and `used` in epoch seconds.

    `used` is None if nothing was ever run in it. `lineage` are ids, this image first;
    `distribution` is '' where none is named.
    """

    id: int
    names: tuple[str, ...]
    origin: str
    created: float | None
    parent: int
    children: tuple[int, ...]
    lineage: tuple[int, ...]
    own: Size
    chain: Size
    subtree: Size
    files: int | None
    apparent: int | None
    distribution: str
    skipped_devices: int
    path: str
    pinned: bool
    used: float | None
    note: str
    """What a person noted."""
    kept: tuple[str, ...]
    """Directories with changes of it that were kept to go on with."""


def describe(store: Store, forest: Forest, image: int) -> Description:
    """What the store and the image's own files say of it."""
    node = forest.images[image]
    lineage = tuple(forest.lineage(image))
    paths = lineage_paths(forest, image)
    notes = read_json(f"{store.path}/{paths[0]}/{META}/image.json")
    skipped = notes.get("skipped_devices")
    return Description(
        id=image,
        names=node.names,
        origin=node.origin,
        created=node.created,
        parent=node.parent,
        children=node.children,
        lineage=lineage,
        own=forest.own(image),
        chain=forest.chain(image),
        subtree=forest.subtree(image),
        files=node.own.files if node.own else None,
        apparent=node.own.apparent if node.own else None,
        distribution=_distribution(store, paths),
        skipped_devices=skipped if isinstance(skipped, int) else 0,
        path=f"{store.path}/{paths[0]}/{DATA}/root",
        pinned=image in forest.pinned,
        used=marks.last_use(store, image),
        note=marks.note_of(store, image),
        kept=tuple(str(one.place) for one in kept(store, image)),
    )


def _distribution(store: Store, nodes: list[str]) -> str:
    """PRETTY_NAME of the topmost os-release in the chain, '' if there is none."""
    for node in nodes:
        for name in _OS_RELEASE:
            text = _read_inside(f"{store.path}/{node}/{DATA}/root", name)
            for line in text.splitlines():
                key, _equals, value = line.partition("=")
                if key == "PRETTY_NAME":
                    return _unquote(value)
    return ""


def _unquote(value: str) -> str:
    try:
        words = shlex.split(value)
    except ValueError:
        return value.strip()
    return words[0] if words else ""


def _read_inside(root: str, path: str) -> str:
    """The text of a plain file in a layer, no link followed on the way; else ''."""
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
