"""Disk use of the whole store, by purpose."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plashui.base.light import NamedTuple
from plashui.helper import usage
from plashui.model.forest import Forest, Usage
from plashui.store import build_caches
from plashui.store.cache import file_of
from plashui.store.changes.saved_changes import discarded
from plashui.store.disk_usage import beside, measured
from plashui.store.ids import image_ids
from plashui.store.metadata import DATA
from plashui.store.store import Store
from plashui.store.trash.record import walk_nodes


class DiskUse(NamedTuple):
    """Bytes allocated by the store: layers, unsaved changes, trash and others.

    `trash` includes its metadata. `blobs` are those that pulls keep, `caches` what
    commands of builds keep, `work` are work directories; `other` are names, the index,
    the metadata of layers, and volumes.
    """

    images: int
    unsaved: int
    trash: int
    blobs: int
    caches: int
    work: int
    other: int

    @property
    def total(self) -> int:
        """The sum: what `du` reports for the store's directory."""
        return sum(self)


def disk_use(store: Store) -> tuple[Forest, DiskUse]:
    """Return the forest with every layer counted, and the disk use of the store.

    Layers that were counted before are not walked again. Everything else is, in
    parallel by the helper, since any program may put files beside a layer.
    """
    if not store.check():
        return Forest({}), DiskUse(0, 0, 0, 0, 0, 0, 0)
    with _beside_layers(store) as counted:
        forest = measured(store, store.read())
        return forest, counted(forest.total().bytes)


def disk_use_beside(store: Store, images: int) -> DiskUse:
    """Return the disk use of a store whose layers take `images` bytes."""
    if not store.check():
        return DiskUse(0, 0, 0, 0, 0, 0, 0)
    with _beside_layers(store) as counted:
        return counted(images)


@contextmanager
def _beside_layers(store: Store) -> Iterator[Callable[[int], DiskUse]]:
    """Count, while the block runs, what is not in layers of images.

    The block gets a function that takes the bytes of these layers, waits, and returns
    the disk use of the store.
    """
    asked = [name for name in ("tmp", "kept", "blobs") if _holds_something(store, name)]
    thrown = [f"trash/{one.name}" for one in discarded(store)]
    kept = file_of(store.root, "nodes")
    caches = build_caches.places(store)
    words = [".", *asked, *thrown, *caches]
    with usage.usage_beside_layers(store.root, words, kept) as counted:

        def use(images: int) -> DiskUse:
            trash, notes = _in_trash(store)
            found = counted()
            notes += sum(found[name] for name in thrown)
            unsaved, blobs, working = (
                found.get(name, 0) for name in ("kept", "blobs", "tmp")
            )
            cached = sum(found.get(name, 0) for name in caches)
            other = found["."] - notes - cached
            return DiskUse(
                images, unsaved, trash + notes, blobs, cached, working, other
            )

        yield use


def _holds_something(store: Store, name: str) -> bool:
    try:
        with os.scandir(f"{store.root}/{name}") as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _in_trash(store: Store) -> tuple[int, int]:
    """Return the bytes of the layers in the trash, and of their metadata."""
    nodes: dict[int, str] = {}
    for image in image_ids(store.entries("trash")):
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
    usage.usage(
        store.root,
        list(missing),
        lambda path, usage: counted.update({missing[path]: usage}),
    )
    cache.add({i: kept[i]._replace(own=counted[i]) for i in kept.keys() & counted})
    layers = sum(usage.allocated for usage in (own | counted).values())
    return layers, beside(store, places.values())
