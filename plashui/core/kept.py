"""Changes that are kept to go on with: directories `kept/IMAGE-XXXX` of the store.

They are what `plash run:persist IMAGE DIR` goes on with, whoever calls it. Beside data/
and work/ there is a note of how the command was run.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from plashui.core import engine
from plashui.core.beside import directory_beside
from plashui.core.census import image_id
from plashui.core.errors import PlashError
from plashui.core.meta import read_json, write_json
from plashui.core.smallfile import make_private, time_in
from plashui.core.store import Store, WorkDir, work_name
from plashui.core.way import Way, way_from

if TYPE_CHECKING:
    from pathlib import Path

_NOTE: Final = "session.json"
_MOVED: Final = "kept_"
"""How it is called in tmp/ while an image is made of it: kept_PID_NAME."""


class Kept(NamedTuple):
    """Kept changes: of which image, how they were made, when (epoch seconds)."""

    place: Path
    image: int
    way: Way
    saved: float


def kept(store: Store, image: int | None = None) -> list[Kept]:
    """What is kept (of one image), newest first."""
    _put_back(store)
    found: list[Kept] = []
    for name in _names(store.path / "kept"):
        of = image_id(name.partition("-")[0])
        if of is None or image not in (None, of):
            continue
        place = store.path / "kept" / name
        note = read_json(place / _NOTE)
        when = time_in(note.get("saved")) or 0.0
        found.append(Kept(place, of, way_from(note), when))
    return sorted(found, key=lambda one: (-one.saved, one.place))


@contextlib.contextmanager
def place_held(store: Store) -> Iterator[None]:
    """The directory of kept changes is there: on a full disk it could not be made."""
    place = store.path / "kept"
    with contextlib.suppress(OSError):  # then it is full already, or not ours
        _make_private(place)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it is not empty
            place.rmdir()


def _make_private(kept: Path) -> None:
    """The directory, nobody else's: a program in an image may leave setuid files."""
    make_private(kept)
    if kept.stat().st_mode & 0o077:
        kept.chmod(0o700)


def park(store: Store, place: Path, image: int, way: Way) -> Path:
    """Keep the changes of a work directory; where they are from now on.

    One rename: on a full disk, too.
    """
    unique = place.name.rpartition("_")[2]
    target = store.path / "kept" / f"{image}-{unique}"
    with contextlib.suppress(OSError):  # without it they can be gone on with as well
        note = {**way._asdict(), "saved": time.time()}
        write_json(place / _NOTE, note)
    try:
        _make_private(target.parent)
        place.rename(target)
    except OSError as error:
        raise PlashError(f"cannot keep {target}: {error.strerror}") from error
    return target


def park_at(place: Path, target: Path) -> None:
    """Keep the changes at a new directory, on whatever file system that is.

    They stay where they are, too, if that is another one: to be removed by the caller.
    """
    with contextlib.suppress(OSError):
        target.rmdir()  # one that is empty
    if os.path.lexists(target):
        raise PlashError(f"{target} is there already", "Choose a new name")
    try:
        place.rename(target)
        return
    except OSError as error:
        if not _is_elsewhere(place, target):
            raise PlashError(f"cannot keep {target}: {error.strerror}") from error
    try:
        with directory_beside(target) as beside:
            engine.copy_tree(place / "data", beside / "data")
            beside.rename(target)
    except OSError as error:
        raise PlashError(f"cannot keep {target}: {error.strerror}") from error


def _is_elsewhere(place: Path, target: Path) -> bool:
    try:
        return place.stat().st_dev != target.parent.stat().st_dev
    except OSError:
        return False


@contextlib.contextmanager
def in_tmp(store: Store, place: Path) -> Iterator[WorkDir]:
    """Kept changes as a work directory; what is left of it at the end is kept again."""
    moved = store.path / "tmp" / f"{_MOVED}{os.getpid()}_{place.name}"
    try:
        place.rename(moved)
    except OSError as error:
        raise PlashError(f"cannot take {place}: {error.strerror}") from error
    try:
        yield WorkDir(moved.name, moved)
    finally:
        if moved.exists():
            undo_commit(moved)
            moved.rename(place)
        else:
            with contextlib.suppress(OSError):  # it is not empty
                place.parent.rmdir()


def undo_commit(place: Path) -> None:
    """Make a directory one of changes again, of which an image could not be made."""
    if (place / "_data/root").is_dir() and not (place / "data").exists():
        with contextlib.suppress(PlashError):
            engine.rename(place / "_data/root", place / "data")


def forget_note(store: Store, image: int) -> None:
    """Take the note out of an image that was made of kept changes; it does no harm."""
    with contextlib.suppress(PlashError, OSError):
        (store.path / store.layer(image) / _NOTE).unlink()


def discard(store: Store, place: Path) -> None:
    """Delete kept changes for good."""
    name = work_name(place.name.rpartition("-")[2])
    try:
        place.rename(store.path / "tmp" / name)
    except OSError as error:
        raise PlashError(f"cannot delete {place}: {error.strerror}") from error
    engine.remove(store.path, [name])
    with contextlib.suppress(OSError):  # it is not empty
        place.parent.rmdir()


def _put_back(store: Store) -> None:
    """Back where it was, what somebody was making an image of who was killed."""
    for name in _names(store.path / "tmp"):
        if name.startswith(_MOVED):
            pid, _underscore, kept_name = name.removeprefix(_MOVED).partition("_")
            if kept_name and not os.path.exists(f"/proc/{pid}"):
                with contextlib.suppress(OSError):
                    undo_commit(store.path / "tmp" / name)
                    _make_private(store.path / "kept")
                    (store.path / "tmp" / name).rename(store.path / "kept" / kept_name)


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
