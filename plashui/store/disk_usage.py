"""Disk use: of layers, counted once in their lives, and of the whole store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.helper import calls
from plashui.model.forest import Forest, Image, Usage
from plashui.store.metadata import DATA
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

Found = Callable[[Forest], None]

_CHUNK: Final = 4096
"""Layers that are asked for at once: their paths are kept in mind meanwhile."""

_MANY: Final = 10_000
"""Layers that are counted sooner than a tick, but take memory until they are told."""


def measured(store: Store, forest: Forest, *, cancel: Cancel | None = None) -> Forest:
    """The forest with every layer counted."""
    return measure(store, forest, lambda _counted: None, cancel=cancel)


def measure(
    store: Store,
    forest: Forest,
    found: Found,
    *,
    first: Iterable[int] = (),
    cancel: Cancel | None = None,
) -> Forest:
    """The forest with every layer counted, those in `first` before the others.

    `found` gets it as far as it is known, at most ten times a second. What was counted
    is kept for ever (a layer never changes), also if this is cancelled half way.
    """
    seen = dict.fromkeys(image for image in first if image in forest)
    wanted = [*seen, *(image for image in forest.preorder() if image not in seen)]
    missing = [image for image in wanted if forest.images[image].own is None]
    if not missing:
        return forest
    facts = store.facts()
    untold: dict[int, Usage] = {}

    def tell() -> None:
        # What is replaced is not needed any more: its memory serves what comes next.
        nonlocal forest
        images = forest.images
        counted = {i: images[i]._replace(own=own) for i, own in untold.items()}
        untold.clear()
        if counted:
            facts.note({i: _alone(image) for i, image in counted.items()})
            forest = forest.with_counted(counted)
            found(forest)

    try:
        for at in range(0, len(missing), _CHUNK):
            paths = _contents(forest, missing[at : at + _CHUNK])
            _count(store, paths, untold, tell, cancel)
            if len(untold) > _MANY:
                tell()
    finally:
        tell()
        facts.save()
    return forest


def _alone(image: Image) -> Image:
    """It without children and names: of most images, that have none, the same one."""
    if image.children or image.names:
        return image._replace(children=(), names=())
    return image


def _contents(forest: Forest, images: Iterable[int]) -> dict[str, int]:
    """Where their layers' contents lie, relative to the store."""
    known: dict[int, str] = {}
    paths: dict[str, int] = {}
    for image in images:
        parent = forest.images[image].parent
        if parent not in known:
            line = forest.lineage(parent)[::-1]
            known[parent] = "/".join(["layer/0", *map(str, line)])
        paths[f"{known[parent]}/{image}/{DATA}"] = image
    return paths


def _count(
    store: Store,
    images: Mapping[str, int],
    counted: dict[int, Usage],
    tell: Callable[[], None],
    cancel: Cancel | None,
) -> None:
    """Count these; `tell` is called at most ten times a second meanwhile."""

    def one(path: str, usage: Usage) -> None:
        counted[images[path]] = usage

    calls.usage(store.root, list(images), one, on_tick=tell, cancel=cancel)


def metadata_bytes(store: Store, node: str) -> int:
    """What a layer's directory allocates beside its content; `node` as layer_paths."""
    path = f"{store.root}/{node}"
    return _allocated(path) + sum(
        _allocated(f"{path}/_meta/{name}")
        for name in (".", "image.json", "usage.json", "run.conf", "trash.json")
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
