"""Removal of images, permanently or to the trash.

A removal is one rename of the image's directory, which contains all images built on
it: a half-removed image is never visible. In the trash it is `trash/ID`, with the
record for a restore in `_meta/trash.json`.
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
from plashui.store.trash.record import RECORD, walk_nodes, write_record
from plashui.store.workdir import work_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_FOR_GOOD: Final = (
    "The disk is too full to move it to the trash: `plash rm` deletes it permanently"
)


class Removed(NamedTuple):
    """The removed images, and the bytes they take in the trash or have freed."""

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
    """Remove exactly the images of a plan, to the trash or permanently.

    Raises PlanChanged if other images would be removed now. Raises InUse, Pinned,
    Named, or (without `trash`) Needed, if an image is in such a state and not in
    `allow`. Without `trash`, the bytes are free when this returns; if it is cancelled,
    the images are gone and the next `clean` frees the rest.
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
        found = store.names()  # the lock of `moving` keeps them
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
    """Move the images of a plan out of the tree; return their new directories.

    After the move, check whether an image is in use, pinned or named beyond `allow`,
    or a new image was built on one; if so, move everything back. A run first locks an
    image and then checks that it is still in its place. Therefore a run whose lock is
    not visible after the move checks later and is refused, for any number of images
    and without a lock of our own. A run of the old program takes no lock: either it
    mounted the layers before the move and is in the mount tables, or it fails to find
    them. If this process is killed, the images are in the trash.
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
            with contextlib.suppress(OSError):  # else `restore` can still do it
                place.rename(node)
                (node / META / RECORD).unlink()
        if isinstance(error, _ChangedMeanwhile):
            forest = store.read()
            now = plan_removal(store, forest, [i for i in plan.asked if i in forest])
            raise PlanChanged(now, plan.victims) from None
        raise
    return [place for place, _node in moved]


class _ChangedMeanwhile(Exception):
    """A new image was built on one that is being removed."""


def _yard(store: Store, keep: bool) -> Path:
    """Return the trash; or tmp/ for a permanent removal if a full disk has no trash.

    A full disk must not prevent a permanent removal.
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
    """Move an image's directory to `place`, with the record for a restore.

    With `keep`, the record is flushed to the disk; otherwise a full disk leaves it
    out.
    """
    draft = store.path / "tmp" / work_name(f"note{node.name}")
    try:
        try:
            _make_metadata_directory(node / META)
            write_record(draft, node, names, durable=keep)
            draft.rename(node / META / RECORD)
        except OSError as error:
            if keep or error.errno not in FULL:
                raise
        try:
            node.rename(place)
        except FileNotFoundError:  # another process removed the empty trash
            place.parent.mkdir(mode=0o700, exist_ok=True)
            node.rename(place)
    except OSError as error:
        remedy = _FOR_GOOD if error.errno in FULL else ""
        what = f"cannot remove image {node.name}: {error.strerror}"
        raise PlashError(what, remedy) from error


def _make_metadata_directory(meta: Path) -> None:
    """Create an image's directory of metadata; replace a file or link in its place."""
    if meta.is_symlink() or meta.is_file():
        meta.unlink()
    meta.mkdir(mode=PASSABLE, exist_ok=True)
    if not os.access(meta, os.W_OK | os.X_OK):
        meta.chmod(0o700)


def _forget_links(store: Store, images: Iterable[int], names: Iterable[str]) -> None:
    """Delete the links of removed images in index/ and map/."""
    links = [store.path / "index" / str(image) for image in images]
    links += [store.path / store.name_link(name) for name in names]
    for link in links:
        with contextlib.suppress(OSError):
            if not link.exists():  # else it belongs to another image
                link.unlink()
