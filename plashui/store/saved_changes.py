"""Unsaved changes: what a shell changed in an image, until it is saved or discarded.

They are in directories `kept/IMAGE-XXXX` of the store from the start of the shell, so
they survive any kill. `plash run:persist IMAGE DIR` resumes them. A directory holds
data/, work/ and a record of how the command was run. Discarded changes are in the
trash under the same name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable, Iterator

from plashui.base import procfs
from plashui.base.errors import InUse, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.small_file import make_private, time_in
from plashui.helper import calls
from plashui.model.forest import Usage
from plashui.store.atomic_write import directory_beside
from plashui.store.locks import all_locks, is_among, is_locked
from plashui.store.metadata import read_json, write_json
from plashui.store.run_spec import Way, way_from
from plashui.store.scan import image_id
from plashui.store.store import Store
from plashui.store.workdir import WorkDir, work_name, workdir

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

KEPT: Final = "kept"
"""The directory of unsaved changes in the store."""

_TRASH: Final = "trash"
_NOTE: Final = "session.json"
_MOVED: Final = "kept_"
"""The prefix in tmp/ while an image is made of changes: kept_PID_NAME."""
_YOUNG: Final = 3600
"""Seconds in which a directory without a record may still be in use."""


class Kept(NamedTuple):
    """Unsaved changes of an image, made by a run as `way` says.

    `saved` and `removed` are the times of the last record and of discarding, in epoch
    seconds. `running`: the shell has not ended. `cut_off`: the app that ran the shell
    was killed. `bytes` (allocated) is None until counted.
    """

    place: Path
    image: int
    way: Way
    saved: float
    running: bool = False
    cut_off: bool = False
    removed: float = 0.0
    bytes: int | None = None

    @property
    def name(self) -> str:
        """The name on the command line: IMAGE-XXXX."""
        return self.place.name


def kept(store: Store, image: int | None = None) -> list[Kept]:
    """List the unsaved changes, or those of one image, newest first."""
    _put_back(store)
    found = [one for one in _all_in(store, KEPT) if image in (None, one.image)]
    return sorted(found, key=lambda one: (-one.saved, one.place))


def discarded(store: Store, *, older: float | None = None) -> list[Kept]:
    """List the changes in the trash, newest first.

    `older`: only those known to have been discarded more than this many seconds ago.
    """
    found = _all_in(store, _TRASH)
    if older is not None:
        limit = time.time() - older
        found = [one for one in found if 0 < one.removed < limit]
    return sorted(found, key=lambda one: (-one.removed, one.place))


def weighed(
    store: Store, found: Iterable[Kept], *, cancel: Cancel | None = None
) -> list[Kept]:
    """Add the sizes of unsaved changes; leave out those that are gone."""
    every = list(found)
    counted: dict[str, int | None] = {_path(one): one.bytes for one in every}

    def count(path: str, usage: Usage) -> None:
        counted[path] = usage.allocated

    missing = [path for path, known in counted.items() if known is None]
    if missing:
        calls.usage(store.path, missing, count, cancel=cancel)
    every = [one._replace(bytes=counted[_path(one)]) for one in every]
    return [one for one in every if one.bytes is not None]


def _path(one: Kept) -> str:
    return f"{one.place.parent.name}/{one.name}"


def unsaved_of(store: Store, images: Iterable[int]) -> tuple[Kept, ...]:
    """Return the unsaved changes of these images, with their sizes."""
    chosen = set(images)
    return tuple(weighed(store, [c for c in kept(store) if c.image in chosen]))


Known = dict[tuple[str, int], int]
"""Sizes in bytes of changes without a running shell, by name and last mount time."""


def unsaved(store: Store, known: Known | None = None) -> list[Kept]:
    """List the unsaved changes with their sizes; count only those not in `known`.

    Then `known` holds the sizes of all changes without a running shell.
    """
    before = known or {}
    now: Known = {}
    found = kept(store)
    keys = {one.name: (one.name, _mounted(one)) for one in found}
    told = weighed(store, [c._replace(bytes=before.get(keys[c.name])) for c in found])
    for one in told:
        if not one.running and one.bytes is not None:
            now[keys[one.name]] = one.bytes
    if known is not None:
        known.clear()
        known.update(now)
    return told


def _mounted(one: Kept) -> int:
    """Return when the changes were last mounted: overlayfs recreates work/ then."""
    try:
        return (one.place / "work").stat().st_mtime_ns
    except OSError:
        return 0


def is_name(word: str) -> bool:
    """Return whether a word has the form of a name of unsaved changes: 17-ab12."""
    number, _dash, rest = word.partition("-")
    return image_id(number) is not None and bool(rest) and "/" not in rest


def begin(store: Store, image: int, way: Way) -> tuple[Path, int | None]:
    """Make the directory for the changes of a shell; return its path and a lock.

    The lock protects the directory from sweeps; the caller closes it.
    """
    with workdir(store) as draft:
        take_up(draft.path, way)
        place = store.path / KEPT / f"{image}-{os.urandom(4).hex()}"
        try:
            _move(draft.path, place)
        except OSError as error:
            what = f"cannot make a directory for changes: {error.strerror}"
            raise PlashError(what) from error
        return place, None if draft.lock is None else os.dup(draft.lock)


def _make_private(directory: Path) -> None:
    """Make a directory private: programs in an image may leave setuid files there."""
    make_private(directory)
    if directory.stat().st_mode & 0o077:
        directory.chmod(0o700)


def _move(source: Path, target: Path) -> None:
    """Rename into a directory that another process may remove when it is empty."""
    while True:
        try:
            _make_private(target.parent)
            source.rename(target)
            return
        except FileNotFoundError:
            if not source.exists():
                raise


def take_up(place: Path, way: Way) -> None:
    """Record that a shell uses the changes now."""
    _note(place, way, open=True, maker=[os.getpid(), os.getsid(0)])


def put_down(place: Path, way: Way) -> None:
    """Record that the shell of the changes has ended."""
    _note(place, way)


def _note(place: Path, way: Way, **more: object) -> None:
    """Record how the changes are made; ignore errors, they can be resumed without."""
    with contextlib.suppress(OSError):
        write_json(place / _NOTE, {**way._asdict(), "saved": time.time(), **more})


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
            calls.copy_tree(place / "data", beside / "data")
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
def in_tmp(store: Store, place: Path) -> Iterator[WorkDir]:
    """Turn unsaved changes into a work directory; move the rest back after the block.

    Raises InUse if a shell is using them.
    """
    moved = store.path / "tmp" / f"{_MOVED}{os.getpid()}_{place.name}"
    with _held(place) as lock:
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
                _forget_empty(place.parent)


@contextlib.contextmanager
def _held(place: Path) -> Iterator[int]:
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


def _back(moved: Path, place: Path) -> None:
    """Move changes back from tmp/; if that fails, the next call of `kept` does it."""
    with contextlib.suppress(PlashError, OSError):
        _undo_commit(moved)
        _move(moved, place)


def _undo_commit(place: Path) -> None:
    """Undo the first step of a commit that failed: rename _data/root to data."""
    if (place / "_data/root").is_dir() and not (place / "data").exists():
        calls.rename(place / "_data/root", place / "data")


def forget_note(store: Store, image: int) -> None:
    """Delete the run's record from an image made of changes; ignore errors."""
    with contextlib.suppress(PlashError, OSError):
        (store.path / store.layer(image) / _NOTE).unlink()


def refuse_if_running(place: Path) -> None:
    """Raise InUse if a shell is using these changes, in any pid namespace."""
    if is_locked(place):
        raise InUse(f"a shell is still using {place.name}", ())


def discard(store: Store, place: Path) -> None:
    """Move unsaved changes to the trash; `bring_back` undoes it."""
    target = store.path / _TRASH / place.name
    with _held(place):
        note = {**read_json(place / _NOTE), "removed": time.time()}
        for one in weighed(store, [_read(place, set())]):
            note["bytes"] = one.bytes
        with contextlib.suppress(OSError):  # it only tells the time and the size
            write_json(place / _NOTE, note)
        try:
            _move(place, target)
        except OSError as error:
            what = f"cannot move {place.name} to the trash: {error.strerror}"
            raise PlashError(what) from error
    _forget_empty(place.parent)


def bring_back(store: Store, name: str) -> Kept:
    """Move discarded changes out of the trash."""
    source, target = store.path / _TRASH / name, store.path / KEPT / name
    try:
        _move(source, target)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            see = "`plashui trash` lists its contents"
            raise PlashError(f"{name} is not in the trash", see) from error
        raise PlashError(f"cannot restore {name}: {error.strerror}") from error
    _forget_empty(source.parent)
    return _read(target, all_locks())


def delete(
    store: Store, places: Iterable[Path], *, cancel: Cancel | None = None
) -> int:
    """Delete changes permanently; return the bytes freed.

    Raises InUse if a shell is using some.
    """
    chosen = [place for place in places if place.exists()]
    for place in chosen:
        refuse_if_running(place)
    locks = all_locks()
    freed = weighed(store, [_read(place, locks) for place in chosen], cancel=cancel)
    moved: list[str] = []
    for place in chosen:
        name = work_name(place.name.rpartition("-")[2])
        with _held(place):
            try:
                place.rename(store.path / "tmp" / name)
            except OSError as error:
                raise PlashError(f"cannot delete {place}: {error.strerror}") from error
        moved.append(name)
        _forget_empty(place.parent)
    calls.remove(store.path, moved, cancel=cancel)
    return sum(one.bytes or 0 for one in freed)


def sweep(store: Store) -> None:
    """Delete empty changes that killed apps left behind."""
    for name in _names(store, KEPT):
        place = store.path / KEPT / name
        if is_name(name) and not holds_changes(place) and _is_left(place):
            with contextlib.suppress(PlashError, OSError):
                delete(store, [place])


def _is_left(place: Path) -> bool:
    """Return whether no process uses a directory of changes."""
    note = read_json(place / _NOTE)
    if _maker_lives(note):
        return False
    with contextlib.suppress(OSError):
        return bool(note) or place.stat().st_mtime < time.time() - _YOUNG
    return False


def _all_in(store: Store, directory: str) -> list[Kept]:
    names = [n for n in _names(store, directory) if is_name(n)]
    if not names:
        return []
    places = [store.path / directory / name for name in names]
    places = [place for place in places if holds_changes(place)]
    if not places:
        return []
    locks = all_locks()
    return [_read(place, locks) for place in places]


def _read(place: Path, locks: set[str]) -> Kept:
    """Read the record in a directory of changes."""
    note = read_json(place / _NOTE)
    image = image_id(place.name.partition("-")[0]) or 0
    locked = is_among(place, locks)
    left_open = note.get("open") is True and not _maker_lives(note)
    return Kept(
        place,
        image,
        way_from(note),
        time_in(note.get("saved")) or 0.0,
        running=locked,
        cut_off=left_open and not locked,
        **(_of_trash(note) if place.parent.name == _TRASH else {}),
    )


def _of_trash(note: dict[str, Any]) -> dict[str, Any]:
    """Return the time of discarding, and the size, which cannot change after it."""
    count = note.get("bytes")
    known = count if isinstance(count, int) else None
    return {"removed": time_in(note.get("removed")) or 0.0, "bytes": known}


def _maker_lives(note: dict[str, Any]) -> bool:
    maker = note.get("maker")
    if not isinstance(maker, list) or len(maker) != 2:
        return False
    pid, session = maker
    if not (isinstance(pid, int) and isinstance(session, int)):
        return False
    return procfs.is_alive(pid, session)


def _put_back(store: Store) -> None:
    """Move changes back that a killed process was making an image of."""
    for name in _names(store, "tmp"):
        if name.startswith(_MOVED):
            moved = store.path / "tmp" / name
            _pid, _underscore, kept_name = name.removeprefix(_MOVED).partition("_")
            if kept_name and not is_locked(moved):
                _back(moved, store.path / KEPT / kept_name)


def _forget_empty(directory: Path) -> None:
    with contextlib.suppress(OSError):  # not empty
        directory.rmdir()


def _names(store: Store, directory: str) -> list[str]:
    try:
        return os.listdir(f"{store.root}/{directory}")
    except OSError:
        return []
