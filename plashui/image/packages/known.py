"""What is known of the packages of images, kept in the user's cache directory.

It is one file for each image in a directory for each store. An image never changes;
when it was born tells whether its id still means the same image.
"""

from __future__ import annotations

import contextlib
import json
import os

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.small_file import make_private, read_small, write_small
from plashui.image.packages.contents import Contents, Weight, contents
from plashui.image.packages.leftovers import KINDS
from plashui.store.cache import file_of
from plashui.store.ids import born

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any, Final

    from plashui.base.progress import Cancel
    from plashui.store.store import Store

_FORM: Final = 1
"""Of the files; those of another form are read anew from the image."""
_MOST: Final = 64 << 20


class Installed(NamedTuple):
    """A package of an image, without its paths, and what its files weigh."""

    manager: str
    name: str
    version: str
    architecture: str
    files: int
    bytes: int


class Known(NamedTuple):
    """The packages of an image and other figures of `Contents`."""

    packages: tuple[Installed, ...]
    loose: Weight
    directories: int
    leftovers: dict[str, Weight]
    troubles: tuple[str, ...] = ()

    @property
    def packed(self) -> int:
        """The bytes of the files of all packages."""
        return sum(one.bytes for one in self.packages)


def summary(found: Contents) -> Known:
    """Return the figures of what was found."""
    rows = zip(found.packages, found.packed, strict=True)
    return Known(
        tuple(Installed(*package[:4], *weight) for package, weight in rows),
        found.loose,
        found.directories,
        dict(found.leftovers),
        found.troubles,
    )


def known(store: Store, image: int, *, cancel: Cancel | None = None) -> Known:
    """Return what is known of an image; read the image if nothing is."""
    return kept(store, image) or keep(
        store, image, summary(contents(store, image, cancel=cancel))
    )


def kept(store: Store, image: int) -> Known | None:
    """Return what is kept of an image; None if it has to be read."""
    directory = file_of(store.root, "packages")
    if directory is None:
        return None
    try:
        value = json.loads(read_small(f"{directory}/{image}", _MOST))
        if value["form"] != _FORM or value["born"] != born(store, image):
            return None
        return _decoded(value)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def keep(store: Store, image: int, found: Known) -> Known:
    """Keep what was found; ignore errors."""
    directory = file_of(store.root, "packages")
    if directory is not None:
        value = {"form": _FORM, "born": born(store, image), **found._asdict()}
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(directory), 0o700, exist_ok=True)
            make_private(directory)
            data = json.dumps(value, separators=(",", ":")).encode("ascii")
            write_small(f"{directory}/{image}", [data], durable=False)
    return found


def forget_others(store: Store, images: Container[int]) -> None:
    """Remove what is kept of images that are not there."""
    directory = file_of(store.root, "packages")
    if directory is None:
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            if not (name.isdecimal() and int(name) in images):
                os.unlink(f"{directory}/{name}")


def _decoded(value: dict[str, Any]) -> Known:
    """Return what `keep` has written; raise ValueError or TypeError for anything else.

    Texts are foreign, and cleaned where they are shown.
    """
    packages = tuple(
        Installed(
            str(manager), str(name), str(version), str(arch), int(files), int(size)
        )
        for manager, name, version, arch, files, size in value["packages"]
    )
    leftovers = {
        kind: Weight(*map(int, one))
        for kind, one in value["leftovers"].items()
        if kind in KINDS
    }
    loose = Weight(*map(int, value["loose"]))
    troubles = tuple(map(str, value["troubles"]))
    return Known(packages, loose, int(value["directories"]), leftovers, troubles)
