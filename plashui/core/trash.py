"""Removing images, for good or into the trash, which is listed and emptied here.

A removal is one rename of the image's directory, which takes all that stands on it
along: a half-removed image is never visible. In the trash it is `trash/ID`, carrying
what a restore needs in `_meta/trash.json`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from plashui.core import engine, leftovers, marks, processes
from plashui.core.cache import Cache
from plashui.core.census import image_id
from plashui.core.errors import PlanChanged, PlashError
from plashui.core.forest import EMPTY_IMAGE, Forest, Image, Size, Usage
from plashui.core.meta import DATA, META, read_image, read_json, write_json
from plashui.core.plan import Plan, plan_removal
from plashui.core.progress import Cancel, Report, silent
from plashui.core.refusal import is_locked, refuse_if_pinned, refuse_if_used
from plashui.core.store import Store
from plashui.core.usage import layer_paths

NOTE: Final = "trash.json"


class Removed(NamedTuple):
    """What went, and the bytes it holds (in the trash) or held (freed)."""

    ids: tuple[int, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Trashed:
    """An image in the trash, with all that stands on it; `removed` in epoch seconds."""

    id: int
    ids: tuple[int, ...]
    names: tuple[str, ...]
    parent: int
    removed: float
    origin: str
    bytes: Size


def remove(
    store: Store,
    plan: Plan,
    *,
    trash: bool,
    force: bool = False,
    pinned_too: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Removed:
    """Remove exactly the images of the plan.

    Raises PlanChanged if other images would go by now, InUse if processes run in them
    (unless `force`), and Pinned if some are pinned (but for those that the plan says
    are, if `pinned_too`). Without `trash` their bytes are free when this returns;
    cancelled, the images are gone and the rest is freed by the next `clean`.
    """
    forest = store.read()
    now = plan_removal(store, forest, [i for i in plan.asked if i in forest])
    if now.victims != plan.victims:
        raise PlanChanged(now, plan.victims)
    spared = frozenset(plan.pinned if pinned_too else ())
    refuse_if_pinned(store, now.victims, spared)
    paths = layer_paths(forest)
    if not force:
        data = {i: store.path / paths[i] / DATA for i in now.victims}
        refuse_if_used(now.in_use, data)
    names = {i: forest.images[i].names for i in plan.victims if forest.images[i].names}
    with store.workdir() as work:
        notes = _Notes(work.path / "note", durable=trash)
        _take_out(store, now, forest, names, notes, spared, force=force)
        for top in now.tops:
            below = forest.descendants(top)
            _forget_links(store, below, (n for i in below for n in names.get(i, ())))
        if not trash:
            for top in now.tops:
                node = store.path / "trash" / str(top)
                _rename(node, work.path / str(top), f"remove image {top}")
            marks.forget(store, now.victims)
            with contextlib.suppress(OSError):  # it is not empty
                (store.path / "trash").rmdir()
            engine.remove(store.path, [work.name], report=report, cancel=cancel)
    return Removed(now.victims, now.bytes)


def _take_out(
    store: Store,
    plan: Plan,
    forest: Forest,
    names: dict[int, tuple[str, ...]],
    notes: _Notes,
    spared: AbstractSet[int],
    *,
    force: bool,
) -> None:
    """Move the images of a plan to the trash, where they can be brought back from.

    Only then is it looked whether anybody uses them, has pinned one that is not
    `spared`, or has put anything on them: if so they go back. Whoever enters an image
    takes its lock and then looks whether the image is still in its place. So one who is
    not seen holding the lock after the move will look later, and be refused; and this
    holds however many images there are, with no lock of ours. A run of the old program
    takes no lock, but it has mounted the layers from their place before the move, and
    then is seen in the mount tables, or it finds none there. Killed in the middle, they
    are in the trash.
    """
    paths = layer_paths(forest)
    moved: list[tuple[Path, Path]] = []
    data: dict[int, Path] = {}
    try:
        for top in plan.tops:
            node, place = store.path / paths[top], store.path / "trash" / str(top)
            below = forest.descendants(top)
            named = {i: names[i] for i in below if i in names}
            _to_trash(store, node, top, named, notes)
            moved.append((place, node))
            nodes = walk_nodes(place, top)
            data |= {image: Path(at) / DATA for image, at in nodes.items()}
        if not data.keys() <= set(plan.victims):
            raise _ChangedMeanwhile
        refuse_if_pinned(store, data, spared)
        if not force:
            refuse_if_used(processes.holders(store.path), data)
    except BaseException as error:
        for place, node in moved:
            with contextlib.suppress(OSError):  # else it can be restored by hand
                place.rename(node)
                (node / META / NOTE).unlink()
        if isinstance(error, _ChangedMeanwhile):
            now = plan_removal(store, store.read(), list(plan.asked))
            raise PlanChanged(now, plan.victims) from None
        raise


class _ChangedMeanwhile(Exception):
    """Something new stands on an image that was to go."""


class _Notes(NamedTuple):
    """Notes are written at `draft`, which is swept if we are killed meanwhile.

    They wait for the disk if they are to outlive a crash of the machine (`durable`).
    """

    draft: Path
    durable: bool


def _to_trash(
    store: Store, node: Path, top: int, names: dict[int, tuple[str, ...]], notes: _Notes
) -> None:
    note: dict[str, Any] = {
        "parent": image_id(node.parent.name) or EMPTY_IMAGE,
        "removed": time.time(),
        "names": {str(image): keys for image, keys in names.items()},
    }
    place = store.path / "trash" / str(top)
    try:
        (node / META).mkdir(exist_ok=True)
        write_json(notes.draft, note, durable=notes.durable)
        notes.draft.rename(node / META / NOTE)
        place.parent.mkdir(exist_ok=True)
        try:
            node.rename(place)
        except FileNotFoundError:  # somebody removed the empty trash just now
            place.parent.mkdir(exist_ok=True)
            node.rename(place)
    except OSError as error:
        raise PlashError(f"cannot remove image {top}: {error.strerror}") from error


def _rename(source: Path, target: Path, what: str) -> None:
    try:
        source.rename(target)
    except OSError as error:
        raise PlashError(f"cannot {what}: {error.strerror}") from error


def _forget_links(store: Store, images: Iterable[int], names: Iterable[str]) -> None:
    """Take ids and names out of index/ and map/ once their images are out."""
    for image in images:
        with contextlib.suppress(OSError):
            (store.path / "index" / str(image)).unlink()
    for name in names:
        link = store.path / "map" / name
        with contextlib.suppress(OSError):
            if not link.exists():  # nobody gave the name to another image meanwhile
                link.unlink()


def walk_nodes(top: Path, image: int) -> dict[int, str]:
    """The image whose directory is `top` and all beneath it, with their directories."""
    found = {image: str(top)}
    stack = [str(top)]
    while stack:
        directory = stack.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    child = image_id(entry.name)
                    if child is not None and entry.is_dir(follow_symlinks=False):
                        found[child] = entry.path
                        stack.append(entry.path)
        except OSError:
            continue
    return found


def trashed(store: Store, *, older: float | None = None) -> list[Trashed]:
    """What is in the trash, newest first. Sizes are those known by now.

    `older`: only what was removed longer ago, in seconds; then nothing of which that
    is not known.
    """
    try:
        entries = os.listdir(store.path / "trash")
    except OSError:
        return []
    cache = Cache(store.path).images
    found = [
        _describe(store.path / "trash" / name, image, cache)
        for name in entries
        if (image := image_id(name)) is not None
    ]
    if older is not None:
        limit = time.time() - older
        found = [entry for entry in found if 0 < entry.removed < limit]
    return sorted(found, key=lambda t: (-t.removed, t.id))


def weighed(store: Store, entries: Iterable[Trashed]) -> list[Trashed]:
    """The same, with those counted whose sizes are not known."""
    found = list(entries)
    unknown = [f"trash/{entry.id}" for entry in found if not entry.bytes.known]
    counted: dict[str, int] = {}
    engine.usage(
        store.path, unknown, lambda path, usage: counted.update({path: usage.allocated})
    )
    return [
        replace(entry, bytes=Size(counted[path], True))
        if (path := f"trash/{entry.id}") in counted
        else entry
        for entry in found
    ]


def _describe(node: Path, image: int, cache: dict[int, Image]) -> Trashed:
    note = read_note(node)
    nodes = walk_nodes(node, image)
    facts = {i: cache.get(i) or read_image(nodes[i], i, EMPTY_IMAGE) for i in nodes}
    sizes: list[Usage | None] = [fact.own for fact in facts.values()]
    known = Size(sum(s.allocated for s in sizes if s), all(sizes))
    names = tuple(n for kept in note.names.values() for n in kept)
    return Trashed(
        image,
        tuple(sorted(nodes)),
        names,
        note.parent,
        note.removed,
        facts[image].origin,
        known,
    )


class Note(NamedTuple):
    """What a restore needs: `parent` is -1 and `removed` 0 where that is not known."""

    parent: int
    removed: float
    names: dict[int, list[str]]


def read_note(node: Path) -> Note:
    """The note in a trashed image, or as much of it as is not damaged."""
    value = read_json(node / META / NOTE)
    parent, removed, names = (value.get(k) for k in ("parent", "removed", "names"))
    kept: dict[int, list[str]] = {}
    if isinstance(names, dict):
        for key, values in names.items():
            image = image_id(str(key))
            if image is not None and isinstance(values, list):
                kept[image] = [v for v in values if isinstance(v, str)]
    return Note(
        parent if isinstance(parent, int) else -1,
        float(removed) if isinstance(removed, int | float) else 0.0,
        kept,
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

    Raises InUse, with nothing deleted, if processes run in it (unless `force`).
    """
    wanted = [t.id for t in trashed(store)] if images is None else images
    chosen = list(dict.fromkeys(wanted))
    nodes: dict[int, str] = {}
    for image in chosen:
        if not (store.path / "trash" / str(image)).is_dir():
            raise PlashError(f"image {image} is not in the trash")
        nodes |= walk_nodes(store.path / "trash" / str(image), image)
    if not nodes:
        return 0
    if not force:
        data = {image: Path(node) / DATA for image, node in nodes.items()}
        refuse_if_used(processes.holders(store.path), data)
    freed = 0

    def count(_path: str, usage: Usage) -> None:
        nonlocal freed
        freed += usage.allocated

    with store.workdir() as work:
        for image in chosen:
            node = store.path / "trash" / str(image)
            _rename(node, work.path / str(image), f"delete image {image}")
        marks.forget(store, nodes)
        paths = [f"tmp/{work.name}/{image}" for image in chosen]
        engine.usage(store.path, paths, count, cancel=cancel)
        engine.remove(store.path, [work.name], report=report, cancel=cancel)
    return freed


def sweep(store: Store) -> int:
    """Remove work directories whose makers are gone; how many there were.

    And what leads nowhere any more: links, names, marks. Never a directory of a living
    process: its name says whose it is, the helper holds a lock on it while a command
    writes to it, and mounts that write to it name it.
    """
    leftovers.forget(store, _everything_in_trash)
    try:
        names = os.listdir(store.path / "tmp")
    except OSError:
        return 0
    dead = [name for name in names if _owner_is_gone(name)]
    if dead:
        used = processes.work_dirs_in_use(store.path)
        dead = [
            name
            for name in dead
            if name not in used and not is_locked(store.path / "tmp" / name)
        ]
    engine.remove(store.path, dead)
    return len(dead)


def _everything_in_trash(store: Store) -> set[int]:
    return {image for entry in trashed(store) for image in entry.ids}


def maker_of(name: str) -> tuple[int, int] | None:
    """The process that made a directory in tmp/, and its session; None if unknown."""
    prefix, *parts = name.split("_")
    if prefix != "plashtmp" or len(parts) < 3:
        return None
    session, pid, *_rest = parts
    return (int(pid), int(session)) if (session + pid).isdecimal() else None


def _owner_is_gone(name: str) -> bool:
    maker = maker_of(name)
    return maker is not None and not processes.is_alive(*maker)
