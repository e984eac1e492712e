"""Unsaved changes: what a shell changed in an image, until it is saved or discarded.

They are in directories `kept/IMAGE-XXXX` of the store from the start of the shell, so
they survive any kill. `plash run:persist IMAGE DIR` resumes them. Discarded changes are
in the trash under the same name. `changes_directory` is about one such directory.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.small_file import time_in
from plashui.helper import deleting, usage
from plashui.model.forest import Usage
from plashui.store.changes.changes_directory import (
    KEPT,
    RECORD,
    forget_empty,
    held,
    holds_changes,
    maker_lives,
    move,
    put_back,
    refuse_if_running,
)
from plashui.store.changes.changes_split import put_together
from plashui.store.ids import image_id
from plashui.store.locks import all_locks, is_among
from plashui.store.metadata import read_json, write_json
from plashui.store.run_spec import Way, way_from
from plashui.store.store import Store
from plashui.store.workdir import rest_left_to_clean, work_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

_TRASH: Final = "trash"
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
    """List the unsaved changes, or those of one image, newest first.

    Those of a process that was killed while it made an image of them, or split them,
    are moved back.
    """
    put_back(store)
    put_together(store)
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
        usage.usage(store.path, missing, count, cancel=cancel)
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


def discard(store: Store, place: Path) -> None:
    """Move unsaved changes to the trash; `bring_back` undoes it."""
    target = store.path / _TRASH / place.name
    with held(place):
        note = {**read_json(place / RECORD), "removed": time.time()}
        for one in weighed(store, [_read(place, set())]):
            note["bytes"] = one.bytes
        with contextlib.suppress(OSError):  # it only tells the time and the size
            write_json(place / RECORD, note)
        try:
            move(place, target)
        except OSError as error:
            what = f"cannot move {place.name} to the trash: {error.strerror}"
            raise PlashError(what) from error
    forget_empty(place.parent)


def bring_back(store: Store, name: str) -> Kept:
    """Move discarded changes out of the trash."""
    source, target = store.path / _TRASH / name, store.path / KEPT / name
    try:
        move(source, target)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            see = "`plash trash` lists its contents"
            raise PlashError(f"{name} is not in the trash", see) from error
        raise PlashError(f"cannot restore {name}: {error.strerror}") from error
    forget_empty(source.parent)
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
    with rest_left_to_clean(store, moved):
        for place in chosen:
            name = work_name(place.name)
            with held(place):
                try:
                    place.rename(store.path / "tmp" / name)
                except OSError as error:
                    what = f"cannot delete {place}: {error.strerror}"
                    raise PlashError(what) from error
            moved.append(name)
            forget_empty(place.parent)
        deleting.remove(store.path, moved, cancel=cancel)
    return sum(one.bytes or 0 for one in freed)


def sweep(store: Store) -> None:
    """Delete empty changes that killed apps left behind."""
    for name in store.entries(KEPT):
        place = store.path / KEPT / name
        if is_name(name) and not holds_changes(place) and _is_left(place):
            with contextlib.suppress(PlashError, OSError):
                delete(store, [place])


def _is_left(place: Path) -> bool:
    """Return whether no process uses a directory of changes."""
    note = read_json(place / RECORD)
    if maker_lives(note):
        return False
    with contextlib.suppress(OSError):
        return bool(note) or place.stat().st_mtime < time.time() - _YOUNG
    return False


def _all_in(store: Store, directory: str) -> list[Kept]:
    names = [n for n in store.entries(directory) if is_name(n)]
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
    note = read_json(place / RECORD)
    image = image_id(place.name.partition("-")[0]) or 0
    locked = is_among(place, locks)
    left_open = note.get("open") is True and not maker_lives(note)
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
