"""Removing images, for good or into the trash.

A removal is one rename of the image's directory, which takes all that stands on it
along: a half-removed image is never visible. In the trash it is `trash/ID`, carrying
what a restore needs in `_meta/trash.json`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.small_file import PASSABLE
from plashui.model.forest import Forest, layer_paths
from plashui.operations import leftovers
from plashui.operations.delete import delete, paths_of
from plashui.operations.preconditions import (
    refuse_if_named,
    refuse_if_needed,
    refuse_if_pinned,
    refuse_if_used,
)
from plashui.operations.removal_plan import Allow, Plan, PlanChanged, plan_removal
from plashui.processes import holders
from plashui.store.disk_full import FULL
from plashui.store.metadata import DATA, META
from plashui.store.store import Store
from plashui.store.trash_record import NOTE, walk_nodes, write_note
from plashui.store.workdir import work_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final
_FOR_GOOD: Final = "The disk is too full to keep it: `plashui rm` frees it for good"


class Removed(NamedTuple):
    """What went, and the bytes it holds (in the trash) or held (freed)."""

    ids: tuple[int, ...]
    bytes: int


def remove(
    store: Store,
    plan: Plan,
    *,
    trash: bool,
    allow: Allow | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Removed:
    """Remove exactly the images of the plan, at any moment only what is `allow`ed.

    Raises PlanChanged if other images would go by now; InUse, Pinned, Named, or (unless
    into the `trash`) Needed, if one of them has come to be that and is not allowed to.
    Without `trash` their bytes are free when this returns; cancelled, the images are
    gone and the rest is freed by the next `clean`.
    """
    allow = allow or Allow()
    forest = store.read()
    now = plan_removal(store, forest, [i for i in plan.asked if i in forest])
    if now.victims != plan.victims:
        raise PlanChanged(now, plan.victims)
    refuse_if_pinned(store, now.victims, allow.pinned)
    paths = layer_paths(forest)
    data = {i: store.path / paths[i] / DATA for i in now.victims}
    refuse_if_used(now.in_use, data, allow.in_use)
    store.create()
    with store.moving():
        if not trash:
            refuse_if_needed(store, set(now.victims), allow.needed)
        found = store.names()  # nobody gives one meanwhile
        names = {i: tuple(found[i]) for i in now.victims if i in found}
        yard = _yard(store, trash)
        tops = [store.path / paths[top] for top in now.tops]
        with leftovers.kept_from_sweeps(tops if yard.name == "tmp" else ()):
            places = _take_out(store, now, forest, names, allow, yard, keep=trash)
        for top in now.tops:
            below = forest.descendants(top)
            _forget_links(store, below, (n for i in below for n in names.get(i, ())))
    if not trash:
        delete(store, places, now.victims, report, cancel)
    return Removed(now.victims, now.bytes)


def _take_out(
    store: Store,
    plan: Plan,
    forest: Forest,
    names: dict[int, tuple[str, ...]],
    allow: Allow,
    yard: Path,
    *,
    keep: bool,
) -> list[Path]:
    """Move the images of a plan to the trash, where they can be brought back from.

    Only then is it looked whether anybody uses them, has pinned or named one, more than
    is allowed, or put anything on them: if so they go back. Whoever enters
    an image takes its lock and then looks whether the image is still in its place. So
    one who is not seen holding the lock after the move will look later, and be refused;
    and this holds however many images there are, with no lock of ours. A run of the old
    program takes no lock, but it has mounted the layers from their place before the
    move, and then is seen in the mount tables, or it finds none there. Killed in the
    middle, they are in the trash. Returns where they are now.
    """
    paths = layer_paths(forest)
    moved: list[tuple[Path, Path]] = []
    data: dict[int, Path] = {}
    try:
        for top in plan.tops:
            node, place = store.path / paths[top], yard / _name_in(yard, top)
            below = forest.descendants(top)
            named = {i: names[i] for i in below if i in names}
            _to_trash(store, node, place, named, keep)
            moved.append((place, node))
            nodes = walk_nodes(place, top)
            data |= {image: place / DATA for image, place in paths_of(nodes).items()}
        if not data.keys() <= set(plan.victims):
            raise _ChangedMeanwhile
        refuse_if_pinned(store, data, allow.pinned)
        refuse_if_named(store, data, allow.named)
        refuse_if_used(holders.holders(store.path), data, allow.in_use)
    except BaseException as error:
        for place, node in moved:
            with contextlib.suppress(OSError):  # else it can be restored by hand
                place.rename(node)
                (node / META / NOTE).unlink()
        if isinstance(error, _ChangedMeanwhile):
            now = plan_removal(store, store.read(), list(plan.asked))
            raise PlanChanged(now, plan.victims) from None
        raise
    return [place for place, _node in moved]


class _ChangedMeanwhile(Exception):
    """Something new stands on an image that was to go."""


def _yard(store: Store, keep: bool) -> Path:
    """The trash; tmp/ where that is not there and the disk too full to make it.

    On a full disk nothing can be kept, but it must be possible to remove.
    """
    trash = store.path / "trash"
    try:
        trash.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        if not keep and error.errno in FULL:
            return store.path / "tmp"
        remedy = _FOR_GOOD if error.errno in FULL else ""
        raise PlashError(f"cannot make {trash}: {error.strerror}", remedy) from error
    return trash


def _name_in(yard: Path, image: int) -> str:
    return str(image) if yard.name == "trash" else work_name(image)


def _to_trash(
    store: Store, node: Path, place: Path, names: dict[int, tuple[str, ...]], keep: bool
) -> None:
    """Move one there, with a note of what a restore needs.

    To `keep` it, the note waits for the disk; else a full one does without.
    """
    draft = store.path / "tmp" / work_name(f"note{node.name}")
    try:
        try:
            _make_room_for_notes(node / META)
            write_note(draft, node, names, durable=keep)
            draft.rename(node / META / NOTE)
        except OSError as error:
            if keep or error.errno not in FULL:
                raise
        try:
            node.rename(place)
        except FileNotFoundError:  # somebody removed the empty trash just now
            place.parent.mkdir(mode=0o700, exist_ok=True)
            node.rename(place)
    except OSError as error:
        remedy = _FOR_GOOD if error.errno in FULL else ""
        what = f"cannot remove image {node.name}: {error.strerror}"
        raise PlashError(what, remedy) from error


def _make_room_for_notes(meta: Path) -> None:
    """Make an image's directory of notes, whatever has come in its place."""
    if meta.is_symlink() or meta.is_file():
        meta.unlink()
    meta.mkdir(mode=PASSABLE, exist_ok=True)
    if not os.access(meta, os.W_OK | os.X_OK):
        meta.chmod(0o700)


def _forget_links(store: Store, images: Iterable[int], names: Iterable[str]) -> None:
    """Take ids and names out of index/ and map/ once their images are out."""
    links = [store.path / "index" / str(image) for image in images]
    links += [store.path / "map" / name for name in names]
    for link in links:
        with contextlib.suppress(OSError):
            if not link.exists():  # else it is another image's
                link.unlink()
