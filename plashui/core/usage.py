"""Disk use: of layers, counted once in their lives, and of the whole store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from plashui.core import engine
from plashui.core.forest import Forest, Usage
from plashui.core.meta import DATA
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

    engine.usage(store.path, list(by_path), one, on_tick=tell, cancel=cancel)


def measured(store: Store, forest: Forest) -> Forest:
    """The forest with every layer counted."""
    counted: dict[int, Usage] = {}
    measure(store, forest, counted.update)
    return forest.with_usage(counted) if counted else forest


def layer_paths(forest: Forest) -> dict[int, str]:
    """Where each image's layer is, relative to the store."""
    paths: dict[int, str] = {}
    for image in forest.preorder():
        parent = forest.images[image].parent
        paths[image] = f"{paths.get(parent, 'layer/0')}/{image}"
    return paths


def lineage_paths(forest: Forest, image: int) -> list[str]:
    """The same of one image and all it stands on, topmost first."""
    path = "layer/0"
    paths = [path := f"{path}/{at}" for at in reversed(forest.lineage(image))]
    return paths[::-1]


def paths_below(forest: Forest, *tops: int) -> dict[int, str]:
    """The same of these images and all that stands on them, parents first."""
    paths: dict[int, str] = {}
    for top in tops:
        paths[top] = lineage_paths(forest, top)[0]
        for image in forest.descendants(top)[1:]:
            paths[image] = f"{paths[forest.images[image].parent]}/{image}"
    return paths


class DiskUse(NamedTuple):
    """Bytes allocated by the store; `other` is names, index and notes on layers."""

    images: int
    trash: int
    work: int
    other: int

    @property
    def total(self) -> int:
        """All of it: what `du` says of the store's directory."""
        return sum(self)


def disk_use(store: Store, forest: Forest) -> DiskUse:
    """What the store allocates on the disk. The forest's layers must be counted."""
    beside = {"trash": 0, "tmp": 0}
    present = [name for name in beside if _holds_something(store, name)]
    if present:
        engine.usage(
            store.path,
            present,
            lambda name, usage: beside.update({name: usage.allocated}),
        )
    other = _outside_layers(str(store.path), skip=set(present))
    return DiskUse(forest.total().bytes, beside["trash"], beside["tmp"], other)


def _holds_something(store: Store, name: str) -> bool:
    try:
        with os.scandir(store.path / name) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _outside_layers(top: str, skip: set[str]) -> int:
    """Bytes of everything but the contents of layers and the top entries in `skip`."""
    total = _allocated(top)
    stack = [top]
    while stack:
        directory = stack.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.name == DATA and directory != f"{top}/layer/0":
                        continue
                    if directory == top and entry.name in skip:
                        continue
                    total += _allocated(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
        except OSError:
            continue
    return total


def metadata_bytes(store: Store, node: str) -> int:
    """What a layer's directory allocates beside its content; `node` as layer_paths."""
    path = f"{store.root}/{node}"
    return _allocated(path) + sum(
        _allocated(f"{path}/_meta/{name}") for name in (".", "image.json", "usage.json")
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
