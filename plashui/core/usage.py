"""Disk use: of layers, counted once in their lives, and of the whole store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from plashui.core import engine
from plashui.core.cache import file_of
from plashui.core.census import image_ids
from plashui.core.forest import Forest, Usage
from plashui.core.meta import DATA
from plashui.core.note import walk_nodes
from plashui.core.progress import Cancel
from plashui.core.store import Store

Found = Callable[[dict[int, Usage]], None]

_CHUNK: Final = 4096
"""Layers that are asked for at once: their paths are kept in mind meanwhile."""


def measure(
    store: Store,
    forest: Forest,
    found: Found,
    *,
    first: Iterable[int] = (),
    cancel: Cancel | None = None,
) -> None:
    """Count every layer that is not counted yet, those in `first` before the others.

    `found` gets what is new, at most ten times a second. What was counted is kept
    for ever (a layer never changes), also if this is cancelled half way.
    """
    wanted = [image for image in first if image in forest]
    seen = set(wanted)
    wanted += [image for image in forest.preorder() if image not in seen]
    missing = [image for image in wanted if forest.images[image].own is None]
    if not missing:
        return
    facts = store.facts()
    untold: dict[int, Usage] = {}

    def tell() -> None:
        if untold:
            images = forest.images
            facts.note({i: images[i]._replace(own=untold[i]) for i in untold})
            found(dict(untold))
            untold.clear()

    try:
        for at in range(0, len(missing), _CHUNK):
            _count(store, forest, missing[at : at + _CHUNK], untold, tell, cancel)
    finally:
        tell()
        facts.save()


def _count(
    store: Store,
    forest: Forest,
    images: list[int],
    counted: dict[int, Usage],
    tell: Callable[[], None],
    cancel: Cancel | None,
) -> None:
    """Count these; `tell` is called at most ten times a second meanwhile."""
    known: dict[int, str] = {}
    by_path: dict[str, int] = {}
    for image in images:
        parent = forest.images[image].parent
        if parent not in known:
            line = forest.lineage(parent)[::-1]
            known[parent] = "/".join(["layer/0", *map(str, line)])
        by_path[f"{known[parent]}/{image}/{DATA}"] = image

    def one(path: str, usage: Usage) -> None:
        counted[by_path[path]] = usage

    engine.usage(store.root, list(by_path), one, on_tick=tell, cancel=cancel)


def measured(store: Store, forest: Forest, *, cancel: Cancel | None = None) -> Forest:
    """The forest with every layer counted."""
    counted: dict[int, Usage] = {}
    measure(store, forest, counted.update, cancel=cancel)
    return forest.with_usage(counted) if counted else forest


class DiskUse(NamedTuple):
    """Bytes allocated by the store: by layers, by those in trash, by work, and else.

    `work` are work directories and changes that are kept to go on with, `other` is
    names, index, and notes on layers.
    """

    images: int
    trash: int
    work: int
    other: int

    @property
    def total(self) -> int:
        """All of it: what `du` says of the store's directory."""
        return sum(self)


def disk_use(store: Store) -> tuple[Forest, DiskUse]:
    """The forest with every layer counted, and what the store allocates on the disk.

    No layer is walked that was counted before. All else is looked at, by the helper
    meanwhile: anybody may put a file beside a layer, and let it grow there.
    """
    if not store.check():
        return Forest({}), DiskUse(0, 0, 0, 0)
    work = [name for name in ("tmp", "kept") if _holds_something(store, name)]
    kept = file_of(store.root, "nodes")
    with engine.usage_beside_layers(store.root, [".", *work], kept) as counted:
        forest = measured(store, store.read())
        images = forest.total().bytes
        trash = _layers_in_trash(store)
        beside = counted()
    working = sum(beside[name] for name in work)
    return forest, DiskUse(images, trash, working, beside["."])


def _holds_something(store: Store, name: str) -> bool:
    try:
        with os.scandir(f"{store.root}/{name}") as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _layers_in_trash(store: Store) -> int:
    """Bytes of the layers in the trash."""
    nodes: dict[int, str] = {}
    for image in image_ids(_names_in(f"{store.root}/trash")):
        nodes |= walk_nodes(f"{store.root}/trash/{image}", image)
    if not nodes:
        return 0
    cache = store.facts()
    kept = {image: cache.images[image] for image in nodes if image in cache.images}
    own = {image: fact.own for image, fact in kept.items() if fact.own is not None}
    missing = {
        f"{os.path.relpath(node, store.root)}/{DATA}": image
        for image, node in nodes.items()
        if image not in own
    }
    counted: dict[int, Usage] = {}
    engine.usage(
        store.root,
        list(missing),
        lambda path, usage: counted.update({missing[path]: usage}),
    )
    cache.add({i: kept[i]._replace(own=counted[i]) for i in kept.keys() & counted})
    return sum(usage.allocated for usage in (own | counted).values())


def _names_in(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def metadata_bytes(store: Store, node: str) -> int:
    """What a layer's directory allocates beside its content; `node` as layer_paths."""
    path = f"{store.root}/{node}"
    return _allocated(path) + sum(
        _allocated(f"{path}/_meta/{name}")
        for name in (".", "image.json", "usage.json", "run.conf")
    )


def beside(store: Store, nodes: Iterable[str], cancel: Cancel | None = None) -> int:
    """What these layers' directories allocate beside their contents, all together."""
    total = 0
    for at, node in enumerate(nodes):
        if cancel is not None and at % 64 == 0:
            cancel.check()
        total += metadata_bytes(store, node)
    return total


def _allocated(path: str) -> int:
    try:
        return os.lstat(path).st_blocks * 512
    except OSError:
        return 0
