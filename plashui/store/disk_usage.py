"""Disk use of layers, each counted once, and of the metadata beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.helper import usage
from plashui.model.forest import Forest, Image, Usage
from plashui.store.metadata import DATA, META, META_FILES
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

Found = Callable[[Forest], None]

_CHUNK: Final = 4096
"""Layers that are requested at once, which limits the paths in memory."""

_MANY: Final = 10_000
"""Counted layers that are reported without waiting for a tick, to free their memory."""


def measured(store: Store, forest: Forest, *, cancel: Cancel | None = None) -> Forest:
    """Return the forest with every layer counted."""
    return measure(store, forest, lambda _counted: None, cancel=cancel)


def measure(
    store: Store,
    forest: Forest,
    found: Found,
    *,
    first: Iterable[int] = (),
    cancel: Cancel | None = None,
) -> Forest:
    """Return the forest with every layer counted, those in `first` before the others.

    `found` is called with the forest counted so far, at most ten times a second. The
    counts are cached, also those before a cancel, since a layer never changes.
    """
    seen = dict.fromkeys(image for image in first if image in forest)
    wanted = [*seen, *(image for image in forest.preorder() if image not in seen)]
    missing = [image for image in wanted if forest.images[image].own is None]
    if not missing:
        return forest
    facts = store.facts()
    untold: dict[int, Usage] = {}

    def tell() -> None:
        # Rebinding frees the forest before: it takes megabytes.
        nonlocal forest
        images = forest.images
        counted = {i: images[i]._replace(own=own) for i, own in untold.items()}
        untold.clear()
        if counted:
            facts.remember({i: _alone(image) for i, image in counted.items()})
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
    """Copy of `image` without children and names; `image` itself if it has none."""
    if image.children or image.names:
        return image._replace(children=(), names=())
    return image


def _contents(forest: Forest, images: Iterable[int]) -> dict[str, int]:
    """Map the content directories of these layers, relative to the store, to ids."""
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
    """Count these layers; call `tell` at most ten times a second."""

    def one(path: str, usage: Usage) -> None:
        counted[images[path]] = usage

    usage.usage(store.root, list(images), one, on_tick=tell, cancel=cancel)


def metadata_bytes(store: Store, node: str) -> int:
    """Return the bytes a layer's directory allocates beside its content.

    `node` is the directory relative to the store.
    """
    path = f"{store.root}/{node}"
    return _allocated(path) + sum(
        _allocated(f"{path}/{META}/{name}") for name in (".", *META_FILES)
    )


def beside(store: Store, nodes: Iterable[str], cancel: Cancel | None = None) -> int:
    """Return the bytes that layer directories allocate beside their contents.

    `nodes` are the directories relative to the store.
    """
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
