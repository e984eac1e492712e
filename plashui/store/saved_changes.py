"""Unsaved changes: what a shell changed, until somebody saves or discards it.

They are directories `kept/IMAGE-XXXX` of the store, from the moment the shell begins:
whatever is killed, they are still there. `plash run:persist IMAGE DIR` goes on with
them, whoever calls it. Beside data/ and work/ there is a note of how the command was
run. Discarded, they are in the trash under the same name.
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
"""Where they are in the store."""

_TRASH: Final = "trash"
_NOTE: Final = "session.json"
_MOVED: Final = "kept_"
"""How it is called in tmp/ while an image is made of it: kept_PID_NAME."""
_YOUNG: Final = 3600
"""Seconds in which a directory without a note may belong to somebody."""


class Kept(NamedTuple):
    """Unsaved changes: of which image, how they were made, when (epoch seconds).

    `running`: their shell has not ended. `cut_off`: it was never told how it ended.
    `removed` is when they were discarded. `bytes` (allocated) is None until they are
    counted.
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
        """What they are called on the command line: IMAGE-XXXX."""
        return self.place.name


def kept(store: Store, image: int | None = None) -> list[Kept]:
    """The unsaved changes there are (of one image), newest first."""
    _put_back(store)
    found = [one for one in _all_in(store, KEPT) if image in (None, one.image)]
    return sorted(found, key=lambda one: (-one.saved, one.place))


def discarded(store: Store, *, older: float | None = None) -> list[Kept]:
    """Those in the trash, newest first; with `older`, as `trash.trashed` has it."""
    found = _all_in(store, _TRASH)
    if older is not None:
        limit = time.time() - older
        found = [one for one in found if 0 < one.removed < limit]
    return sorted(found, key=lambda one: (-one.removed, one.place))


def weighed(
    store: Store, found: Iterable[Kept], *, cancel: Cancel | None = None
) -> list[Kept]:
    """The same with their sizes, so far as they are still there."""
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
    """The unsaved changes of these images, with their sizes."""
    chosen = set(images)
    return tuple(weighed(store, [c for c in kept(store) if c.image in chosen]))


Known = dict[tuple[str, int], int]
"""Sizes of changes that nobody works on, by their names and when they were mounted."""


def unsaved(store: Store, known: Known | None = None) -> list[Kept]:
    """The unsaved changes there are, with their sizes; those `known` are not counted.

    What is counted is added to `known`, if nobody is changing it.
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
    """When something last began to change them: the kernel's work begins anew then."""
    try:
        return (one.place / "work").stat().st_mtime_ns
    except OSError:
        return 0


def is_name(word: str) -> bool:
    """Whether a word can be the name of unsaved changes, as in 17-ab12."""
    number, _dash, rest = word.partition("-")
    return image_id(number) is not None and bool(rest) and "/" not in rest


def begin(store: Store, image: int, way: Way) -> tuple[Path, int | None]:
    """Make a directory for the changes of a shell that is about to begin.

    With it comes a lock that keeps it from every sweep, to be closed by the caller.
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
    """The directory, nobody else's: a program in an image may leave setuid files."""
    make_private(directory)
    if directory.stat().st_mode & 0o077:
        directory.chmod(0o700)


def _move(source: Path, target: Path) -> None:
    """Rename it into a directory that whoever takes the last out of removes."""
    while True:
        try:
            _make_private(target.parent)
            source.rename(target)
            return
        except FileNotFoundError:
            if not source.exists():
                raise


def take_up(place: Path, way: Way) -> None:
    """Note that a shell goes on with them now."""
    _note(place, way, open=True, maker=[os.getpid(), os.getsid(0)])


def put_down(place: Path, way: Way) -> None:
    """Note that their shell has ended."""
    _note(place, way)


def _note(place: Path, way: Way, **more: object) -> None:
    """Write down how they are made; without it they can be gone on with as well."""
    with contextlib.suppress(OSError):
        write_json(place / _NOTE, {**way._asdict(), "saved": time.time(), **more})


def holds_changes(place: Path) -> bool:
    """Whether anything was changed there."""
    try:
        with os.scandir(place / "data") as entries:
            return next(entries, None) is not None
    except FileNotFoundError:
        return False
    except OSError:  # its owner or mode is another one now
        return True


def park_at(place: Path, target: Path) -> None:
    """Save the changes at a new directory, on whatever file system that is.

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
            calls.copy_tree(place / "data", beside / "data")
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
    """Unsaved changes as a work directory; what is left of it at the end is put back.

    Raises InUse while a shell still writes to them.
    """
    moved = store.path / "tmp" / f"{_MOVED}{os.getpid()}_{place.name}"
    with _held(place) as lock:
        try:
            place.rename(moved)
        except OSError as error:
            raise PlashError(f"cannot take {place}: {error.strerror}") from error
        try:
            yield WorkDir(moved.name, moved, lock)
        finally:
            if moved.exists():
                _back(moved, place)
            else:
                _forget_empty(place.parent)


@contextlib.contextmanager
def _held(place: Path) -> Iterator[int]:
    """Our lock on unsaved changes: no shell begins with them meanwhile.

    Raises InUse while one still writes to them.
    """
    try:
        lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise PlashError(f"cannot take {place}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(f"a shell is still using {place.name}", ()) from error
        yield lock
    finally:
        os.close(lock)


def _back(moved: Path, place: Path) -> None:
    """Put them back; where that fails they stay in tmp/, until it is tried again."""
    with contextlib.suppress(PlashError, OSError):
        _undo_commit(moved)
        _move(moved, place)


def _undo_commit(place: Path) -> None:
    """Make a directory one of changes again, of which an image could not be made."""
    if (place / "_data/root").is_dir() and not (place / "data").exists():
        calls.rename(place / "_data/root", place / "data")


def forget_note(store: Store, image: int) -> None:
    """Take the note out of an image that was made of changes; it does no harm."""
    with contextlib.suppress(PlashError, OSError):
        (store.path / store.layer(image) / _NOTE).unlink()


def refuse_if_running(place: Path) -> None:
    """Raise InUse if a shell still writes to these changes, wherever it runs."""
    if is_locked(place):
        raise InUse(f"a shell is still using {place.name}", ())


def discard(store: Store, place: Path) -> None:
    """Move unsaved changes to the trash, from where `bring_back` has them again."""
    target = store.path / _TRASH / place.name
    with _held(place):
        note = {**read_json(place / _NOTE), "removed": time.time()}
        for one in weighed(store, [_read(place, set())]):
            note["bytes"] = one.bytes
        with contextlib.suppress(OSError):  # of no use but to say when, and how much
            write_json(place / _NOTE, note)
        try:
            _move(place, target)
        except OSError as error:
            what = f"cannot move {place.name} to the trash: {error.strerror}"
            raise PlashError(what) from error
    _forget_empty(place.parent)


def bring_back(store: Store, name: str) -> Kept:
    """Take discarded changes out of the trash."""
    source, target = store.path / _TRASH / name, store.path / KEPT / name
    try:
        _move(source, target)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            see = "`plashui trash` shows what is"
            raise PlashError(f"{name} is not in the trash", see) from error
        raise PlashError(f"cannot restore {name}: {error.strerror}") from error
    _forget_empty(source.parent)
    return _read(target, all_locks())


def delete(
    store: Store, places: Iterable[Path], *, cancel: Cancel | None = None
) -> int:
    """Delete changes for good; the bytes freed. Raises InUse if one is being made."""
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
    """Take away what killed apps left of shells in which nothing was changed."""
    for name in _names(store, KEPT):
        place = store.path / KEPT / name
        if is_name(name) and not holds_changes(place) and _is_left(place):
            with contextlib.suppress(PlashError, OSError):
                delete(store, [place])


def _is_left(place: Path) -> bool:
    """Whether nobody is going to change anything there any more."""
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
    """What a directory of changes says of itself."""
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
    """What was noted when they were discarded, from when on nothing changes them."""
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
    """Back where it was, what somebody was making an image of who was killed."""
    for name in _names(store, "tmp"):
        if name.startswith(_MOVED):
            moved = store.path / "tmp" / name
            _pid, _underscore, kept_name = name.removeprefix(_MOVED).partition("_")
            if kept_name and not is_locked(moved):
                _back(moved, store.path / KEPT / kept_name)


def _forget_empty(directory: Path) -> None:
    with contextlib.suppress(OSError):  # it is not empty
        directory.rmdir()


def _names(store: Store, directory: str) -> list[str]:
    try:
        return os.listdir(f"{store.root}/{directory}")
    except OSError:
        return []
