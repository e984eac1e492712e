"""Emptying a store: every image, the trash, the names, and all that is remembered."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from plashui.base.errors import InUse, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Report, silent
from plashui.helper import calls
from plashui.model.forest import EMPTY_IMAGE, Forest, Size
from plashui.operations import gc, leftovers
from plashui.operations.preconditions import refuse_if_used
from plashui.processes import holders
from plashui.store import layout, trash
from plashui.store.cache import file_of
from plashui.store.metadata import DATA
from plashui.store.store import Store
from plashui.store.trash_record import walk_nodes
from plashui.store.workdir import maker_of, work_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_PARTS: Final = (
    *("layer", "trash", "map", "memory", "downloads", "kept", "mnt", "index"),
    "id_counter",
)
"""What a store is made of but for tmp/, in the order in which it goes.

With layer/ all images are gone at once. The counter is last: as long as anything is
left, no id is given out again.
"""


class Contents(NamedTuple):
    """What a purge would delete: images, those of them pinned, those in the trash."""

    images: int
    pinned: int
    trashed: int
    bytes: Size


def contents(store: Store, forest: Forest) -> Contents:
    """What there is to lose; bytes as far as they are known."""
    entries = trash.trashed(store)
    sizes = [forest.total(), *(entry.bytes for entry in entries)]
    return Contents(
        len(forest),
        len(forest.pinned & forest.images.keys()),
        sum(len(entry.ids) for entry in entries),
        Size(sum(size.bytes for size in sizes), all(size.known for size in sizes)),
    )


def purge(store: Store, *, report: Report = silent) -> None:
    """Delete all of a store but its directory, which may be a mount.

    Raises InUse, with nothing deleted, if processes run in its images, or one works on
    a new one. If it is interrupted, the images are gone, and the next `clean` frees the
    rest. What somebody else has left over, and cannot be removed, is told when all else
    is gone.
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
    calls.remove(store.path, gone, report=report)
    with contextlib.suppress(OSError):  # somebody works there already
        (store.path / "tmp").rmdir()
    if next(store.path.iterdir(), None) is not None:
        (store.path / "index").mkdir(exist_ok=True)  # else it would be a stranger's now
        store.create()
    for cache in filter(None, caches):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(cache)
    if swept.trouble is not None:
        raise swept.trouble


def _take_out(store: Store) -> list[str]:
    """Move all parts to tmp/; what they are called there.

    Those that are moved go back if anybody has begun to use an image in between.
    """
    moved: list[str] = []
    try:
        # No directory is made for them: on a full disk there would be no room for it.
        for part in _PARTS:
            with contextlib.suppress(FileNotFoundError):
                (store.path / part).rename(store.path / "tmp" / work_name(part))
                moved.append(part)
        # Whoever began in between; see remove.
        layers = _layers(store.path / "tmp", work_name)
        refuse_if_used(holders.holders(store.path), layers)
    except BaseException as error:
        for part in reversed(moved):
            (store.path / "tmp" / work_name(part)).rename(store.path / part)
        if isinstance(error, OSError):
            raise PlashError(f"cannot empty the store: {error.strerror}") from error
        raise
    return [work_name(part) for part in moved]


def _refuse_if_foreign(store: Store) -> None:
    """Raise PlashError if it is somebody's directory where PLASH_DATA leads by mistake.

    What one who was killed has left of a store is not.
    """
    names = set(os.listdir(store.path))
    first = store.path / "index" / str(EMPTY_IMAGE)
    if not (first.is_symlink() or names <= {*_PARTS, "tmp", "lost+found"}):
        raise PlashError(f"{store.path} is not a store: nothing was deleted")


def _layers(top: Path, called: Callable[[str], str]) -> dict[int, Path]:
    """Where the content of every image is, those in the trash too.

    `called` is what layer/ and trash/ are called in the directory `top`.
    """
    nodes = walk_nodes(top / called("layer") / str(EMPTY_IMAGE), EMPTY_IMAGE)
    trashed = top / called("trash")
    with contextlib.suppress(OSError):
        for name in os.listdir(trashed):
            if name.isdecimal():
                nodes |= walk_nodes(trashed / name, int(name))
    from pathlib import Path  # it takes as long as all else of a verb that only reads

    return {image: Path(node) / DATA for image, node in nodes.items()}


def _refuse_if_worked_in(store: Store) -> None:
    """Raise InUse if anybody but we and the session we are in has a work directory."""
    ours = {os.getpid(), os.getppid(), os.getsid(0)}
    dead = leftovers.left_behind(store)  # what could not be removed
    found: list[int] = []
    with contextlib.suppress(OSError):
        for name in os.listdir(store.path / "tmp"):
            maker = maker_of(name)
            if maker is not None and maker[0] not in ours and name not in dead:
                found.append(maker[0])
    if found:
        who = ", ".join(map(str, sorted(found)[:3]))
        raise InUse(f"process {who} is working in the store", ())
