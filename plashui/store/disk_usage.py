"""Disk use: of layers, counted once in their lives, and of the whole store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import calls
from plashui.model.forest import Forest, Image, Usage
from plashui.store.cache import file_of
from plashui.store.metadata import DATA
from plashui.store.saved_changes import discarded
from plashui.store.scan import image_ids
from plashui.store.store import Store
from plashui.store.trash_record import walk_nodes

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


class DiskUse(NamedTuple):
    """Bytes allocated by the store: by layers, unsaved changes, the trash, and else.

    `trash` has its notes, too. `work` are work directories, `other` is names, index,
    and notes on layers.
    """

    images: int
    unsaved: int
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
        return Forest({}), DiskUse(0, 0, 0, 0, 0)
    asked = [name for name in ("tmp", "kept") if _holds_something(store, name)]
    thrown = [f"trash/{one.name}" for one in discarded(store)]
    kept = file_of(store.root, "nodes")
    words = [".", *asked, *thrown]
    with calls.usage_beside_layers(store.root, words, kept) as counted:
        forest = measured(store, store.read())
        images = forest.total().bytes
        trash, notes = _in_trash(store)
        found = counted()
    notes += sum(found[name] for name in thrown)
    unsaved, working = (found.get(name, 0) for name in ("kept", "tmp"))
    other = found["."] - notes
    return forest, DiskUse(images, unsaved, trash + notes, working, other)


def _holds_something(store: Store, name: str) -> bool:
    try:
        with os.scandir(f"{store.root}/{name}") as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _in_trash(store: Store) -> tuple[int, int]:
    """Bytes of the layers in the trash, and of what lies beside them."""
    nodes: dict[int, str] = {}
    for image in image_ids(_names_in(f"{store.root}/trash")):
        nodes |= walk_nodes(f"{store.root}/trash/{image}", image)
    if not nodes:
        return 0, 0
    cache = store.facts()
    kept = {image: cache.images[image] for image in nodes if image in cache.images}
    own = {image: fact.own for image, fact in kept.items() if fact.own is not None}
    places = {image: os.path.relpath(node, store.root) for image, node in nodes.items()}
    missing = {
        f"{place}/{DATA}": image for image, place in places.items() if image not in own
    }
    counted: dict[int, Usage] = {}
    calls.usage(
        store.root,
        list(missing),
        lambda path, usage: counted.update({missing[path]: usage}),
    )
    cache.add({i: kept[i]._replace(own=counted[i]) for i in kept.keys() & counted})
    layers = sum(usage.allocated for usage in (own | counted).values())
    return layers, beside(store, places.values())


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
