"""Removing images, for good or into the trash, and bringing them back.

A removal is one rename of the image's directory, which takes all that stands on it
along: a half-removed image is never visible. In the trash it is `trash/ID`, carrying
what a restore needs in `_meta/trash.json`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from plashui.core import engine, processes
from plashui.core.cache import Cache
from plashui.core.census import image_id
from plashui.core.errors import Holder, InUse, PlanChanged, PlashError
from plashui.core.forest import EMPTY_IMAGE, Forest, Image, Size, Usage
from plashui.core.meta import DATA, META, read_image, read_json, write_json
from plashui.core.plan import Plan, plan_removal
from plashui.core.progress import Cancel, Report, silent
from plashui.core.store import WORK_PREFIX, Store
from plashui.core.usage import layer_paths

_NOTE = "trash.json"


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


class Restored(NamedTuple):
    """What came back; `names_lost` belong to other images by now."""

    ids: tuple[int, ...]
    names_kept: tuple[str, ...]
    names_lost: tuple[str, ...]


def remove(
    store: Store,
    plan: Plan,
    *,
    trash: bool,
    force: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Removed:
    """Remove exactly the images of the plan.

    Raises PlanChanged if other images would go by now, and InUse if processes run
    in them (unless `force`). Without `trash` their bytes are free when this returns;
    cancelled, the images are gone and the rest is freed by the next `clean`.
    """
    forest = store.read()
    now = plan_removal(store, forest, [i for i in plan.asked if i in forest])
    if now.victims != plan.victims:
        raise PlanChanged(now)
    paths = layer_paths(forest)
    if not force:
        data = {i: store.path / paths[i] / DATA for i in now.victims}
        _refuse_if_used(now.in_use, data)
    names = {i: forest.images[i].names for i in plan.victims if forest.images[i].names}
    store.create()
    places = _take_out(store, now, forest, names, trash=trash, force=force)
    for top in now.tops:
        below = forest.descendants(top)
        _forget_links(store, below, (n for i in below for n in names.get(i, ())))
    if not trash:
        doomed = [_doom(store, top, place) for top, place in places.items()]
        with contextlib.suppress(OSError):  # it is not empty
            (store.path / "trash").rmdir()
        engine.remove(store.path, doomed, report=report, cancel=cancel)
    return Removed(now.victims, now.bytes)


def _take_out(
    store: Store,
    plan: Plan,
    forest: Forest,
    names: dict[int, tuple[str, ...]],
    *,
    trash: bool,
    force: bool,
) -> dict[int, Path]:
    """Move the images of a plan to the trash, where they can be brought back from.

    Where they are then. If that is not asked for and the disk is full, they move to
    tmp/ instead, which takes no room at all.

    Only then is it looked whether anybody uses them, and whether anything came to
    stand on them: if so they go back. Whoever enters an image takes its lock and then
    looks whether the image is still in its place. So one who is not seen holding the
    lock after the move will look later, and be refused; and this holds however many
    images there are, with no lock of ours. A run of the old program takes no lock, but
    it has mounted the layers from their place before the move, and then is seen in the
    mount tables, or it finds none there. Killed in the middle, they are in the trash.
    """
    paths = layer_paths(forest)
    moved: list[tuple[Path, Path]] = []
    data: dict[int, Path] = {}
    try:
        for top in plan.tops:
            node = store.path / paths[top]
            below = forest.descendants(top)
            note = {i: names[i] for i in below if i in names}
            place = _to_trash(store, node, top, note, room=trash)
            moved.append((place, node))
            nodes = _walk_nodes(place, top)
            data |= {image: Path(at) / DATA for image, at in nodes.items()}
        if not data.keys() <= set(plan.victims):
            raise _ChangedMeanwhile
        if not force:
            _refuse_if_used(processes.holders(store.path), data)
    except BaseException as error:
        for place, node in moved:
            with contextlib.suppress(OSError):  # else it can be restored by hand
                place.rename(node)
                (node / META / _NOTE).unlink()
        if isinstance(error, _ChangedMeanwhile):
            now = plan_removal(store, store.read(), list(plan.asked))
            raise PlanChanged(now) from None
        raise
    return dict(zip(plan.tops, (place for place, _node in moved), strict=True))


class _ChangedMeanwhile(Exception):
    """Something new stands on an image that was to go."""


def _refuse_if_used(holders: Iterable[Holder], data: dict[int, Path]) -> None:
    """Raise InUse if one of them holds one of these, or somebody has a lock on it."""
    found = [holder for holder in holders if holder.image in data]
    seen = {holder.image for holder in found}
    for image, directory in data.items():
        if image not in seen and _is_locked(directory):
            found.append(Holder(0, "", image))
    if found:
        raise InUse(in_use_sentence(found), found)


def in_use_sentence(found: Iterable[Holder]) -> str:
    """Which images are in use and by whom, in words."""
    by_image: dict[int, list[str]] = {}
    mounted: dict[int, str] = {}
    for holder in found:
        if not holder.pid and holder.command:
            mounted[holder.image] = holder.command
        who = f"{holder.pid} ({holder.command.split(' ')[0]})" if holder.pid else ""
        by_image.setdefault(holder.image, []).append(who)
    parts: list[str] = []
    for image, users in by_image.items():
        named = [user for user in users if user]
        by = f"process {', '.join(named[:3])}" if named else "a running command"
        if not named and image in mounted:
            parts.append(f"image {image} is {mounted[image]}")
            continue
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        parts.append(f"image {image} is in use by {by}{more}")
    return "; ".join(parts)


def _is_locked(directory: Path) -> bool:
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _to_trash(
    store: Store,
    node: Path,
    top: int,
    names: dict[int, tuple[str, ...]],
    *,
    room: bool,
) -> Path:
    """Move an image to the trash; without `room` for its note, to tmp/. Where it is."""
    note: dict[str, Any] = {
        "parent": image_id(node.parent.name) or EMPTY_IMAGE,
        "removed": time.time(),
        "names": {str(image): keys for image, keys in names.items()},
    }
    place = store.path / "trash" / str(top)
    try:
        _make_room_for_notes(node / META)
        write_json(node / META / _NOTE, note)
        place.parent.mkdir(exist_ok=True)
        try:
            node.rename(place)
        except FileNotFoundError:  # somebody removed the empty trash just now
            place.parent.mkdir(exist_ok=True)
            node.rename(place)
    except OSError as error:
        if room:
            raise PlashError(f"cannot remove image {top}: {error.strerror}") from error
        place = store.path / "tmp" / _doom_name(top)
        _rename(node, place, f"remove image {top}")
    return place


def _make_room_for_notes(meta: Path) -> None:
    """Make an image's directory of notes, whatever has come in its place."""
    if meta.is_symlink() or meta.is_file():
        meta.unlink()
    meta.mkdir(exist_ok=True)
    if not os.access(meta, os.W_OK | os.X_OK):
        meta.chmod(0o755)


def _doom(store: Store, image: int, place: Path) -> str:
    """Move what is out of the tree to tmp/, to be deleted; its name there.

    That makes nothing new on the disk, which may be full.
    """
    if place.parent.name == "tmp":
        return place.name
    name = _doom_name(image)
    _rename(place, store.path / "tmp" / name, f"delete image {image}")
    return name


def _doom_name(image: int) -> str:
    """A name in tmp/ whose owner we are, as that of a work directory tells."""
    unique = f"{image}-{time.monotonic_ns():x}"
    return f"{WORK_PREFIX}{os.getsid(0)}_{os.getpid()}_{unique}"


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


def _walk_nodes(top: Path, image: int) -> dict[int, str]:
    """The image at `top` and all beneath it, with their directories."""
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


def trashed(store: Store) -> list[Trashed]:
    """What is in the trash, newest first. Sizes are those known by now."""
    store.check()
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
    return sorted(found, key=lambda t: (-t.removed, t.id))


def _describe(node: Path, image: int, cache: dict[int, Image]) -> Trashed:
    note = _read_note(node)
    nodes = _walk_nodes(node, image)
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


class _Note(NamedTuple):
    parent: int
    removed: float
    names: dict[int, list[str]]


def _read_note(node: Path) -> _Note:
    """The note in a trashed image; one that is damaged says: no names, parent 0."""
    value = read_json(node / META / _NOTE)
    parent, removed, names = (value.get(k) for k in ("parent", "removed", "names"))
    kept: dict[int, list[str]] = {}
    if isinstance(names, dict):
        for key, values in names.items():
            image = image_id(str(key))
            if image is not None and isinstance(values, list):
                kept[image] = [v for v in values if isinstance(v, str)]
    return _Note(
        parent if isinstance(parent, int) else -1,
        float(removed) if isinstance(removed, int | float) else 0.0,
        kept,
    )


def restore(store: Store, image: int) -> Restored:
    """Bring an image back with its place, its names, and what stood on it."""
    store.check()
    node = store.path / "trash" / str(image)
    if not node.is_dir():
        raise PlashError(
            f"image {image} is not in the trash", "`plashui trash` shows what is"
        )
    note = _read_note(node)
    place = _place(store, image, note.parent)
    nodes = _walk_nodes(node, image)
    relative = place.relative_to(store.path)
    # Links first, as for a new image: one without a target is no image, while an
    # image without its link would be invisible.
    for child, path in nodes.items():
        inside = Path(path).relative_to(node)
        target = f"../{relative}" + (f"/{inside}" if str(inside) != "." else "")
        link = store.path / "index" / str(child)
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        except OSError as error:
            reason = f"cannot restore image {image}: {error.strerror}"
            raise PlashError(reason) from error
    _rename(node, place, f"restore image {image}")
    with contextlib.suppress(OSError):
        (place / META / _NOTE).unlink()
    kept, lost = _restore_names(store, note)
    return Restored(tuple(sorted(nodes)), tuple(kept), tuple(lost))


def _place(store: Store, image: int, parent: int) -> Path:
    if parent == EMPTY_IMAGE:
        return store.path / "layer/0" / str(image)
    try:
        return store.path / store.layer(parent) / str(image)
    except PlashError as error:
        holder = next((t for t in trashed(store) if parent in t.ids), None)
        if holder is None:
            raise PlashError(
                f"image {image} cannot come back: image {parent}, on which it stood,"
                " is gone for good"
            ) from error
        raise PlashError(
            f"image {image} stood on image {parent}, which is in the trash too",
            f"Restore {holder.id} first",
        ) from error


def _restore_names(store: Store, note: _Note) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    lost: list[str] = []
    for image, names in note.names.items():
        for name in names:
            try:
                owner = store.get_name(name)
                if owner is None:
                    store.set_name(name, image)
                (kept if owner in (None, image) else lost).append(name)
            except PlashError:
                lost.append(name)
    return kept, lost


def empty(
    store: Store,
    images: Iterable[int] | None = None,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Delete what is in the trash (or only these) for good; the bytes freed."""
    chosen = [t.id for t in trashed(store)] if images is None else list(images)
    if not chosen:
        return 0
    freed = 0

    def count(_path: str, usage: Usage) -> None:
        nonlocal freed
        freed += usage.allocated

    store.create()
    nodes = {image: store.path / "trash" / str(image) for image in chosen}
    for image, node in nodes.items():
        if not node.is_dir():
            raise PlashError(f"image {image} is not in the trash")
    doomed = [_doom(store, image, node) for image, node in nodes.items()]
    engine.usage(store.path, [f"tmp/{name}" for name in doomed], count, cancel=cancel)
    engine.remove(store.path, doomed, report=report, cancel=cancel)
    return freed


def sweep(store: Store) -> int:
    """Remove work directories whose makers are gone; how many there were.

    Never one of a living process: its name says whose it is, the helper holds a lock
    on it while a command writes to it, and mounts that write to it name it.
    """
    _forget_dead_links(store)
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
            if name not in used and not _is_locked(store.path / "tmp" / name)
        ]
    engine.remove(store.path, dead)
    return len(dead)


def _forget_dead_links(store: Store) -> None:
    """Take out ids and names that lead nowhere: a kill, or the old program, left them.

    One younger than an hour may belong to an image that is just being made.
    """
    for directory in ("index", "map"):
        with contextlib.suppress(OSError):
            for link in (store.path / directory).iterdir():
                if not link.exists() and link.lstat().st_mtime < time.time() - 3600:
                    link.unlink()


def _owner_is_gone(name: str) -> bool:
    parts = name.split("_")
    if len(parts) < 4 or parts[0] != "plashtmp":
        return False
    session, pid = parts[1], parts[2]
    if not (session.isdecimal() and pid.isdecimal()):
        return False
    return not processes.is_alive(int(pid), int(session))
