"""Purging a store: deletion of all images, the trash, names, caches and changes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from plashui.base.errors import InUse, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Report, silent
from plashui.helper import deleting
from plashui.model.forest import EMPTY_IMAGE, Forest, Size
from plashui.operations import gc, leftovers
from plashui.operations.preconditions import refuse_if_used
from plashui.processes import holders
from plashui.store import layout
from plashui.store.cache import file_of
from plashui.store.metadata import DATA
from plashui.store.store import Store
from plashui.store.trash import listing
from plashui.store.trash.record import walk_nodes
from plashui.store.workdir import maker_of, work_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_PARTS: Final = (
    "layer",
    "trash",
    "map",
    "memory",
    "downloads",
    "blobs",
    "kept",
    "mnt",
    "index",
    "id_counter",
)
"""The parts of a store except tmp/, in the order of their removal.

Removing layer/ removes all images at once. The id counter is last: no id is reused
while anything is left.
"""


class Contents(NamedTuple):
    """What a purge would delete: counts of images, pinned and trashed ones; bytes."""

    images: int
    pinned: int
    trashed: int
    bytes: Size


def contents(store: Store, forest: Forest) -> Contents:
    """Return what a purge would delete, with the bytes known so far."""
    entries = listing.trashed(store)
    sizes = [forest.total(), *(entry.bytes for entry in entries)]
    return Contents(
        len(forest),
        len(forest.pinned & forest.images.keys()),
        sum(len(entry.ids) for entry in entries),
        Size(sum(size.bytes for size in sizes), all(size.known for size in sizes)),
    )


def purge(store: Store, *, report: Report = silent) -> None:
    """Delete everything in a store, but not its directory, which may be a mount.

    Raises InUse, and deletes nothing, if processes run in its images or make a new
    one. If it is interrupted, the images are gone and the next `clean` frees the rest.
    A leftover that cannot be removed is raised as an error after all else is deleted.
    """
    if not store.path.is_dir():
        return
    _refuse_if_foreign(store)
    layout.refuse_anothers(store.root)
    caches = [file_of(store.root), file_of(store.root, "nodes")]
    swept = gc.sweep(store)
    refuse_if_used(holders.holders(store.path), _layers(store.path, str))
    _refuse_if_worked_in(store)
    with leftovers.kept_from_sweeps(store.path / part for part in _PARTS):
        gone = _take_out(store)
    deleting.remove(store.path, gone, report=report)
    with contextlib.suppress(OSError):  # it is in use again
        (store.path / "tmp").rmdir()
    if next(store.path.iterdir(), None) is not None:
        # Without index/ it would not count as a store.
        (store.path / "index").mkdir(exist_ok=True)
        store.create()
    for cache in filter(None, caches):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(cache)
    if swept.trouble is not None:
        raise swept.trouble


def _take_out(store: Store) -> list[str]:
    """Move all parts of a store to tmp/; return their names there.

    Move them back if a process has started to use an image in between.
    """
    moved: list[str] = []
    try:
        # They are moved without making a directory, which a full disk could prevent.
        for part in _PARTS:
            with contextlib.suppress(FileNotFoundError):
                (store.path / part).rename(store.path / "tmp" / work_name(part))
                moved.append(part)
        # A process may have started in between; see remove.
        layers = _layers(store.path / "tmp", work_name)
        refuse_if_used(holders.holders(store.path), layers)
    except BaseException as error:
        for part in reversed(moved):
            with contextlib.suppress(OSError):  # one made anew must not keep the others
                (store.path / "tmp" / work_name(part)).rename(store.path / part)
        if isinstance(error, OSError):
            raise PlashError(f"cannot empty the store: {error.strerror}") from error
        raise
    return [work_name(part) for part in moved]


def _refuse_if_foreign(store: Store) -> None:
    """Raise PlashError if the directory is not a store or the remains of one.

    This protects other directories from a wrong PLASH_DATA.
    """
    names = set(os.listdir(store.path))
    first = store.path / "index" / str(EMPTY_IMAGE)
    if not (first.is_symlink() or names <= {*_PARTS, "tmp", "lost+found"}):
        raise PlashError(f"{store.path} is not a store: nothing was deleted")


def _layers(top: Path, called: Callable[[str], str]) -> dict[int, Path]:
    """Return the content directories of all images, including those in the trash.

    `called` returns the names of layer/ and trash/ in the directory `top`.
    """
    nodes = walk_nodes(top / called("layer") / str(EMPTY_IMAGE), EMPTY_IMAGE)
    trashed = top / called("trash")
    with contextlib.suppress(OSError):
        for name in os.listdir(trashed):
            if name.isdecimal():
                nodes |= walk_nodes(trashed / name, int(name))
    from pathlib import Path  # importing it takes as long as a verb that only reads

    return {image: Path(node) / DATA for image, node in nodes.items()}


def _refuse_if_worked_in(store: Store) -> None:
    """Raise InUse if a process outside of our session has a work directory."""
    ours = {os.getpid(), os.getppid(), os.getsid(0)}
    dead = deleting.left_behind(store.root)  # leftovers that could not be removed
    found: list[int] = []
    for name in store.entries("tmp"):
        maker = maker_of(name)
        if maker is not None and maker[0] not in ours and name not in dead:
            found.append(maker[0])
    if found:
        who = ", ".join(map(str, sorted(found)[:3]))
        raise InUse(f"process {who} is working in the store", ())
