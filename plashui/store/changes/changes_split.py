"""Unsaved changes split in two, and put together again.

What leaves `kept/NAME` is collected in `kept/split_NAME`, which nobody sees as changes.
When all of it is there, one rename makes it a directory of changes of its own. What a
killed process has collected is put back by `put_together`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import as_root, calls, listing
from plashui.helper.calls import Transfer
from plashui.helper.listing import Entry
from plashui.store.changes.changes_directory import KEPT, held, move, put_down
from plashui.store.ids import image_id
from plashui.store.run_spec import Way
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_DRAFT: Final = "split_"


def split_off(store: Store, place: Path, paths: Iterable[str], way: Way) -> Path:
    """Move these paths out of unsaved changes; return the directory with them.

    `paths` are relative to the image's root; a directory goes with its content, and a
    file with all its names. What is left stays in `place`. Raises PlashError if a path
    was not changed, or if nothing would be left.
    """
    image, chosen = _image_of(place), set(paths)
    draft = place.parent / f"{_DRAFT}{place.name}"
    with held(place) as lock:
        try:
            draft.mkdir(mode=0o700)
        except OSError as error:
            what = f"cannot split {place.name}: {error.strerror}"
            raise PlashError(what) from error
        try:
            with held(draft) as other:

                def step(steps: Iterable[Transfer]) -> None:
                    names = (f"{KEPT}/{place.name}", f"{KEPT}/{draft.name}")
                    locks = (lock, other)
                    calls.split(store.path, image, *names, steps, locks=locks)

                entries = listing.list_changes(store.root, place)
                step(_opened(entries, with_other_names(entries, chosen)))
                step(plan(listing.list_changes(store.root, place), chosen))
                (draft / "work").mkdir(mode=0o700)
                put_down(draft, way)
                return _finish(draft, image)
        except BaseException:
            _put_back(store, draft, place, lock)
            raise


def _finish(draft: Path, image: int) -> Path:
    """Make what was collected a directory of changes of its own."""
    whole = draft.parent / f"{image}-{os.urandom(4).hex()}"
    move(draft, whole)
    return whole


def join(store: Store, part: Path, place: Path) -> None:
    """Put back what `split_off` has moved out of `place`."""
    draft = place.parent / f"{_DRAFT}{place.name}"
    with held(place) as lock:
        move(part, draft)
        _put_back(store, draft, place, lock)


def put_together(store: Store) -> None:
    """Put back what killed processes were about to split off."""
    for name in store.entries(KEPT):
        if not name.startswith(_DRAFT):
            continue
        draft = store.path / KEPT / name
        place = store.path / KEPT / name.removeprefix(_DRAFT)
        with contextlib.suppress(PlashError, OSError):
            if not place.exists():
                _finish(draft, _image_of(place))
                continue
            with held(place) as lock:
                _put_back(store, draft, place, lock)


def _put_back(store: Store, draft: Path, place: Path, lock: int) -> None:
    """Move all of a draft back; where that fails it becomes changes of its own."""
    if not draft.exists():
        return
    try:
        if (draft / "data").exists():
            there = {e.name for e in listing.list_changes(store.root, place)}
            back = _rest(listing.list_changes(store.root, draft), there)
            names = (f"{KEPT}/{draft.name}", f"{KEPT}/{place.name}")
            calls.split(store.path, _image_of(place), *names, back, locks=(lock,))
        as_root.remove_tree(draft)
    except (PlashError, OSError):
        with contextlib.suppress(OSError):
            _finish(draft, _image_of(place))


def _image_of(place: Path) -> int:
    return image_id(place.name.partition("-")[0]) or 0


def _opened(entries: Iterable[Entry], chosen: set[str]) -> list[Transfer]:
    """Return the steps for opaque directories of which only a part is chosen."""
    above = {at for path in chosen for at in _above(path)}
    return [Transfer("o", e.name) for e in entries if e.opaque and e.name in above]


def _rest(entries: Iterable[Entry], there: set[str]) -> list[Transfer]:
    """Return the steps that move what is not there yet."""
    moved: list[Transfer] = []
    whole: set[str] = set()  # directories that are moved with all in them
    for entry in entries:
        path = entry.name
        if path and path.rpartition("/")[0] in whole:
            whole.add(path)
        elif path and path not in there:
            moved.append(Transfer("m", path))
            whole.add(path)
    return moved


def plan(entries: list[Entry], chosen: set[str]) -> list[Transfer]:
    """Return the steps that move the chosen paths of these changes.

    Raises PlashError for a path that is not among them, or if nothing would be left.
    """
    known = {entry.name: entry for entry in entries}
    for path in chosen:
        _check(path, known)
    whole = with_other_names(entries, chosen)
    if not any(e.name and e.name not in whole for e in entries):
        raise PlashError("cannot split the changes: nothing would be left")
    steps = []
    begun = {at for path in whole for at in _above(path)} - whole
    for entry in entries:
        if entry.name in begun:
            steps.append(Transfer("d", entry.name))
        elif entry.name in whole and entry.name.rpartition("/")[0] not in whole:
            steps.append(Transfer("m", entry.name))
    return steps


def _check(path: str, known: dict[str, Entry]) -> None:
    if path and path in known:
        return
    above = next((at for at in reversed(_above(path)) if at in known), "")
    what = f"cannot split off /{path}"
    if above and known[above].kind == "w":
        raise PlashError(f"{what}: /{above} was deleted as a whole", f"Name /{above}")
    raise PlashError(f"{what}: it is not among the changes")


def with_other_names(entries: Iterable[Entry], chosen: set[str]) -> set[str]:
    """Return all paths that move with the chosen ones.

    Those are what is in chosen directories, and the other names of chosen files: two
    changes must not share a file, or writing to one would change the other.
    """
    every = list(entries)
    whole: set[str] = set(chosen)
    shared: set[int] = set()
    for entry in every:
        if entry.name and entry.name.rpartition("/")[0] in whole - {""}:
            whole.add(entry.name)
        if entry.links and entry.name in whole:
            shared.add(entry.links)
    return whole | {e.name for e in every if e.links in shared}


def _above(path: str) -> list[str]:
    """Return the directories that lead to a path, the root first."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts))]
