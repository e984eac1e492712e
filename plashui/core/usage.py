"""Disk use: of layers, counted once in their lives, and of the whole store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from plashui.core import engine
from plashui.core.cache import Cache
from plashui.core.census import image_ids
from plashui.core.forest import Forest, Usage, layer_paths
from plashui.core.meta import DATA
from plashui.core.note import walk_nodes
from plashui.core.progress import Cancel
from plashui.core.store import Store

Found = Callable[[dict[int, Usage]], None]


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
    paths = layer_paths(forest)
    by_path = {f"{paths[image]}/{DATA}": image for image in missing}
    counted: dict[int, Usage] = {}
    untold: dict[int, Usage] = {}

    def one(path: str, usage: Usage) -> None:
        untold[by_path[path]] = usage

    def tell() -> None:
        if untold:
            counted.update(untold)
            found(dict(untold))
            untold.clear()

    try:
        engine.usage(store.root, list(by_path), one, on_tick=tell, cancel=cancel)
    finally:
        tell()
        images = forest.images
        Cache(store.root).add(
            {i: images[i]._replace(own=usage) for i, usage in counted.items()}
        )


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

    No layer is walked that was counted before. All else is: anybody may change a note
    or put a file beside it, and no time stamp that is looked at anyway would tell. The
    helper walks that meanwhile.
    """
    if not store.check():
        return Forest({}), DiskUse(0, 0, 0, 0)
    work = [name for name in ("tmp", "kept") if _holds_something(store, name)]
    with engine.usage_beside_layers(store.root, [".", *work]) as counted:
        forest = measured(store, store.read())
        trash = _layers_in_trash(store)
        beside = counted()
    working = sum(beside[name] for name in work)
    use = DiskUse(forest.total().bytes, trash, working, beside["."])
    return forest, use


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
    cache = Cache(store.root)
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
        _allocated(f"{path}/_meta/{name}") for name in (".", "image.json", "usage.json")
    )


def _allocated(path: str) -> int:
    try:
        return os.lstat(path).st_blocks * 512
    except OSError:
        return 0
