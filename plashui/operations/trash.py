"""Removing images, for good or into the trash, which is listed and emptied here.

A removal is one rename of the image's directory, which takes all that stands on it
along: a half-removed image is never visible. In the trash it is `trash/ID`, carrying
what a restore needs in `_meta/trash.json`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Mapping

from plashui.base.errors import Cancelled, PlanChanged, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.small_file import PASSABLE
from plashui.helper import calls
from plashui.model.forest import EMPTY_IMAGE, Forest, Image, Size, Usage, layer_paths
from plashui.operations import leftovers
from plashui.operations.preconditions import (
    refuse_if_named,
    refuse_if_needed,
    refuse_if_pinned,
    refuse_if_used,
)
from plashui.operations.removal_plan import Allow, Plan, plan_removal
from plashui.processes import holders
from plashui.store import layout, marks
from plashui.store import saved_changes as kept
from plashui.store.disk_full import FULL
from plashui.store.disk_usage import beside
from plashui.store.metadata import DATA, META, read_image
from plashui.store.scan import image_id
from plashui.store.store import WORK_PREFIX, Store, work_name
from plashui.store.trash_record import NOTE, is_there, read_note, walk_nodes, write_note

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_REST: Final = "cancelled; what is not deleted yet is so by the next clean"
_FOR_GOOD: Final = "The disk is too full to keep it: `plashui rm` frees it for good"


class Removed(NamedTuple):
    """What went, and the bytes it holds (in the trash) or held (freed)."""

    ids: tuple[int, ...]
    bytes: int


class Trashed(NamedTuple):
    """An image in the trash, with all that stands on it; `removed` in epoch seconds."""

    id: int
    ids: tuple[int, ...]
    names: tuple[str, ...]
    parent: int
    removed: float
    origin: str
    bytes: Size
    lost: bool = False
    """What it stood on is gone for good: it cannot be restored."""


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
        _delete(store, places, now.victims, report, cancel)
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
            data |= {image: place / DATA for image, place in _paths(nodes).items()}
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


def _paths(nodes: Mapping[int, str]) -> dict[int, Path]:
    from pathlib import Path  # it takes as long as all else of a verb that only reads

    return {image: Path(node) for image, node in nodes.items()}


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


def _delete(
    store: Store,
    places: Iterable[Path],
    images: Iterable[int],
    report: Report,
    cancel: Cancel | None,
) -> None:
    """Delete what is in the trash for good: it is out of it before anything else goes.

    Needs no space on the disk: this is what makes some.
    """
    moved: list[str] = []
    try:
        with store.moving():
            for place in places:
                name = place.name
                if not place.exists():
                    continue  # somebody else has deleted it, or brought it back
                if place.parent.name == "trash":
                    name = work_name(name)
                    what = f"delete image {place.name}"
                    _rename(place, store.path / "tmp" / name, what)
                moved.append(name)
            # Those brought back meanwhile have theirs.
            marks.forget(store, [i for i in images if not is_there(store, i)])
        with contextlib.suppress(OSError):  # it is not empty
            (store.path / "trash").rmdir()
        calls.remove(store.path, moved, report=report, cancel=cancel)
    except BaseException as error:
        for name in moved:
            _leave_to_clean(store, name)
        if moved and isinstance(error, Cancelled):
            raise Cancelled(_REST) from error
        raise


def _leave_to_clean(store: Store, name: str) -> None:
    """Name it as one whose maker is gone: the next sweep frees it."""
    *_owner, unique = name.split("_", 3)
    with contextlib.suppress(OSError):  # it is deleted already
        left = store.path / "tmp" / f"{WORK_PREFIX}0_0_{unique}"
        (store.path / "tmp" / name).rename(left)


def _rename(source: Path, target: Path, what: str) -> None:
    try:
        source.rename(target)
    except OSError as error:
        raise PlashError(f"cannot {what}: {error.strerror}") from error


def _forget_links(store: Store, images: Iterable[int], names: Iterable[str]) -> None:
    """Take ids and names out of index/ and map/ once their images are out."""
    links = [store.path / "index" / str(image) for image in images]
    links += [store.path / "map" / name for name in names]
    for link in links:
        with contextlib.suppress(OSError):
            if not link.exists():  # else it is another image's
                link.unlink()


def trashed(store: Store, *, older: float | None = None) -> list[Trashed]:
    """What is in the trash, newest first. Sizes are those known by now.

    `older`: only what was removed longer ago, in seconds; then nothing of which that
    is not known.
    """
    store.check()
    try:
        entries = os.listdir(f"{store.root}/trash")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise layout.trouble("look into the trash of", store.root, error) from error
    cache = store.facts().images
    found = [
        _describe(store, store.path / "trash" / name, image, cache)
        for name in entries
        if (image := image_id(name)) is not None
    ]
    if any(entry.lost for entry in found):
        kin = {image for entry in found for image in entry.ids}
        found = [one._replace(lost=one.lost and one.parent not in kin) for one in found]
    if older is not None:
        limit = time.time() - older
        found = [entry for entry in found if 0 < entry.removed < limit]
    return sorted(found, key=lambda t: (-t.removed, t.id))


def weighed(store: Store, entries: Iterable[Trashed]) -> list[Trashed]:
    """The same, with those counted whose sizes are not known."""
    found = list(entries)
    unknown = [f"trash/{entry.id}" for entry in found if not entry.bytes.known]
    if not unknown:
        return found
    counted: dict[str, int] = {}
    calls.usage(
        store.path, unknown, lambda path, usage: counted.update({path: usage.allocated})
    )
    return [
        entry._replace(bytes=Size(counted[path], True))
        if (path := f"trash/{entry.id}") in counted
        else entry
        for entry in found
    ]


def _describe(store: Store, node: Path, image: int, cache: dict[int, Image]) -> Trashed:
    note = read_note(node)
    nodes = walk_nodes(node, image)
    facts = {i: cache.get(i) or read_image(nodes[i], i, EMPTY_IMAGE) for i in nodes}
    sizes: list[Usage | None] = [fact.own for fact in facts.values()]
    layers = sum(s.allocated for s in sizes if s)
    places = (os.path.relpath(at, store.root) for at in nodes.values())
    known = Size(layers + beside(store, places), all(sizes))
    names = tuple(n for kept in note.names.values() for n in kept)
    return Trashed(
        image,
        tuple(sorted(nodes)),
        names,
        note.parent,
        note.removed,
        facts[image].origin,
        known,
        note.parent != EMPTY_IMAGE
        and not is_there(store, note.parent, note.parent_born),
    )


def empty(
    store: Store,
    images: Iterable[int] | None = None,
    *,
    force: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Delete what is in the trash (or only these) for good; the bytes freed.

    Raises InUse, with nothing deleted, if processes run in it, and Needed if something
    else in the trash stands on it (unless `force`).
    """
    wanted = [t.id for t in trashed(store)] if images is None else images
    chosen = list(dict.fromkeys(wanted))
    nodes: dict[int, str] = {}
    for image in chosen:
        if not (store.path / "trash" / str(image)).is_dir():
            if images is None:
                continue  # it has gone just now
            raise PlashError(f"image {image} is not in the trash")
        nodes |= walk_nodes(store.path / "trash" / str(image), image)
    if not nodes:
        return 0
    if not force:
        data = {image: node / DATA for image, node in _paths(nodes).items()}
        refuse_if_used(holders.holders(store.path), data)
        refuse_if_needed(store, nodes, nodes)
    freed = 0

    def count(_path: str, usage: Usage) -> None:
        nonlocal freed
        freed += usage.allocated

    calls.usage(store.path, [f"trash/{n}" for n in chosen], count, cancel=cancel)
    places = [store.path / "trash" / str(image) for image in chosen]
    _delete(store, places, nodes, report, cancel)
    return freed


def sweep(
    store: Store, *, report: Report = silent, cancel: Cancel | None = None
) -> leftovers.Swept:
    """Remove what is left over, as far as that can be done; see leftovers.

    Every operation ends with it. What cannot be removed is not its fault: only `clean`
    says so. Nothing happens in a directory that is not a store.
    """
    swept = leftovers.Swept()
    try:
        if not layout.is_store(store.root) or layout.is_anothers(store.root):
            return swept
        links = leftovers.forget(store, _everything_in_trash)
        kept.sweep(store)
        swept = leftovers.remove(store, report=report, cancel=cancel)
        return swept._replace(links=links)
    except Cancelled as error:
        raise Cancelled(_REST) from error
    except PlashError as error:
        return swept._replace(trouble=error)


def _everything_in_trash(store: Store) -> set[int]:
    return {image for entry in trashed(store) for image in entry.ids}
