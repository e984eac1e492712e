"""A directory of unsaved changes: its record, its lock, and the ways it is moved.

It is `kept/IMAGE-XXXX` and holds data/, work/ and a record of how the command was run.
While an image is made of it, it is in tmp/.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from plashui.base import procfs
from plashui.base.errors import InUse, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private
from plashui.helper import as_root
from plashui.store.atomic_write import directory_beside
from plashui.store.locks import is_locked
from plashui.store.metadata import write_json
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.store.workdir import WorkDir, workdir

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

KEPT: Final = "kept"
"""The directory of unsaved changes in the store."""
RECORD: Final = "session.json"
"""The file name of the record."""
_MOVED: Final = "kept_"
"""The prefix in tmp/ while an image is made of changes: kept_PID_NAME."""


def begin(store: Store, image: int, way: Way) -> tuple[Path, int | None]:
    """Make the directory for the changes of a shell; return its path and a lock.

    The lock protects the directory from sweeps; the caller closes it.
    """
    with workdir(store) as draft:
        take_up(draft.path, way)
        place = store.path / KEPT / f"{image}-{os.urandom(4).hex()}"
        try:
            move(draft.path, place)
        except OSError as error:
            what = f"cannot make a directory for changes: {error.strerror}"
            raise PlashError(what) from error
        return place, None if draft.lock is None else os.dup(draft.lock)


def keep(store: Store, image: int, work: Path, way: Way, more: dict[str, Any]) -> Path:
    """Turn a work directory of changes into unsaved changes; return their place.

    `more` is added to their record.
    """
    _note(work, way, **more)
    place = store.path / KEPT / f"{image}-{os.urandom(4).hex()}"
    move(work, place)
    return place


def _keep_others_out(directory: Path) -> None:
    """Make a private directory: programs in an image may leave setuid files there."""
    make_private(directory)
    if directory.stat().st_mode & 0o077:
        directory.chmod(0o700)


def move(source: Path, target: Path) -> None:
    """Rename into a directory that another process may remove when it is empty."""
    while True:
        try:
            _keep_others_out(target.parent)
            source.rename(target)
            return
        except FileNotFoundError:
            if not source.exists():
                raise


def forget_empty(directory: Path) -> None:
    """Remove a directory of changes or of the trash if nothing is left in it."""
    with contextlib.suppress(OSError):  # not empty
        directory.rmdir()


def take_up(place: Path, way: Way) -> None:
    """Record that a shell uses the changes now."""
    _note(place, way, open=True, maker=[os.getpid(), os.getsid(0)])


def put_down(place: Path, way: Way) -> None:
    """Record that the shell of the changes has ended."""
    _note(place, way)


def _note(place: Path, way: Way, **more: object) -> None:
    """Record how the changes are made; ignore errors, they can be resumed without."""
    with contextlib.suppress(OSError):
        write_json(place / RECORD, {**way._asdict(), "saved": time.time(), **more})


def maker_lives(note: dict[str, Any]) -> bool:
    """Return whether the process that wrote this record still runs."""
    maker = note.get("maker")
    if not isinstance(maker, list) or len(maker) != 2:
        return False
    pid, session = maker
    if not (isinstance(pid, int) and isinstance(session, int)):
        return False
    return procfs.is_alive(pid, session)


def holds_changes(place: Path) -> bool:
    """Return whether a directory of changes holds any."""
    try:
        with os.scandir(place / "data") as entries:
            return next(entries, None) is not None
    except FileNotFoundError:
        return False
    except OSError:  # its owner or mode was changed
        return True


def park_at(place: Path, target: Path) -> None:
    """Move the changes to a new directory, on any file system.

    On another file system they are copied, and the caller removes the original.
    """
    with contextlib.suppress(OSError):
        target.rmdir()  # if it is empty
    if os.path.lexists(target):
        raise PlashError(f"{target} already exists", "Choose a new name")
    try:
        place.rename(target)
        return
    except OSError as error:
        if not _is_elsewhere(place, target):
            raise _cannot_save(target, error) from error
    try:
        with directory_beside(target) as beside:
            as_root.copy_tree(place / "data", beside / "data")
            beside.rename(target)
    except OSError as error:
        raise _cannot_save(target, error) from error


def _cannot_save(target: Path, error: OSError) -> PlashError:
    return PlashError(f"cannot save the changes at {target}: {error.strerror}")


def _is_elsewhere(place: Path, target: Path) -> bool:
    try:
        return place.stat().st_dev != target.parent.stat().st_dev
    except OSError:
        return False


@contextlib.contextmanager
def held(place: Path) -> Iterator[int]:
    """Lock unsaved changes for the block, so that no shell can resume them.

    Raises InUse if a shell is using them.
    """
    try:
        lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise _cannot_use(place, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(f"a shell is still using {place.name}", ()) from error
        yield lock
    finally:
        os.close(lock)


def _cannot_use(place: Path, error: OSError) -> PlashError:
    return PlashError(f"cannot use the changes {place}: {error.strerror}")


def refuse_if_running(place: Path) -> None:
    """Raise InUse if a shell is using these changes, in any pid namespace."""
    if is_locked(place):
        raise InUse(f"a shell is still using {place.name}", ())


@contextlib.contextmanager
def in_tmp(store: Store, place: Path) -> Iterator[WorkDir]:
    """Turn unsaved changes into a work directory; move the rest back after the block.

    Raises InUse if a shell is using them.
    """
    moved = store.path / "tmp" / f"{_MOVED}{os.getpid()}_{place.name}"
    with held(place) as lock:
        try:
            place.rename(moved)
        except OSError as error:
            raise _cannot_use(place, error) from error
        try:
            yield WorkDir(moved.name, moved, lock)
        finally:
            if moved.exists():
                _back(moved, place)
            else:
                forget_empty(place.parent)


def _back(moved: Path, place: Path) -> None:
    """Move changes back from tmp/; if that fails, the next call of `kept` does it."""
    with contextlib.suppress(PlashError, OSError):
        undo_commit(moved)
        move(moved, place)


def undo_commit(place: Path) -> None:
    """Undo the first step of a commit that failed: rename _data/root to data."""
    if (place / "_data/root").is_dir() and not (place / "data").exists():
        as_root.rename(place / "_data/root", place / "data")


def put_back(store: Store) -> None:
    """Move changes back that a killed process was making an image of."""
    for name in store.entries("tmp"):
        if name.startswith(_MOVED):
            moved = store.path / "tmp" / name
            _pid, _underscore, kept_name = name.removeprefix(_MOVED).partition("_")
            if kept_name and not is_locked(moved):
                _back(moved, store.path / KEPT / kept_name)


def forget_note(store: Store, image: int) -> None:
    """Delete the run's record from an image made of changes; ignore errors."""
    with contextlib.suppress(PlashError, OSError):
        (store.path / store.layer(image) / RECORD).unlink()
