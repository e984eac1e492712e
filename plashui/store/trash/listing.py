"""Listing of the trash: images as `trash/ID`, each with all images built on it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper import usage
from plashui.model.forest import EMPTY_IMAGE, Image, Size, Usage
from plashui.store import layout
from plashui.store.disk_usage import beside
from plashui.store.ids import image_id
from plashui.store.metadata import read_image
from plashui.store.store import Store
from plashui.store.trash.record import is_there, read_record, walk_nodes

if TYPE_CHECKING:
    from pathlib import Path


class Trashed(NamedTuple):
    """An image in the trash with all images built on it; `removed` in epoch seconds."""

    id: int
    ids: tuple[int, ...]
    names: tuple[str, ...]
    parent: int
    removed: float
    origin: str
    bytes: Size
    lost: bool = False
    """Whether its parent was deleted, so that it cannot be restored."""


def trashed(store: Store, *, older: float | None = None) -> list[Trashed]:
    """List the trash, newest first, with the sizes that are cached.

    `older`: only what is known to have been removed more than this many seconds ago.
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
    """Count the entries of the trash whose sizes are unknown."""
    found = list(entries)
    unknown = [f"trash/{entry.id}" for entry in found if not entry.bytes.known]
    if not unknown:
        return found
    counted: dict[str, int] = {}
    usage.usage(
        store.path, unknown, lambda path, usage: counted.update({path: usage.allocated})
    )
    return [
        entry._replace(bytes=Size(counted[path], True))
        if (path := f"trash/{entry.id}") in counted
        else entry
        for entry in found
    ]


def _describe(store: Store, node: Path, image: int, cache: dict[int, Image]) -> Trashed:
    record = read_record(node)
    nodes = walk_nodes(node, image)
    facts = {i: cache.get(i) or read_image(nodes[i], i, EMPTY_IMAGE) for i in nodes}
    sizes: list[Usage | None] = [fact.own for fact in facts.values()]
    layers = sum(s.allocated for s in sizes if s)
    places = (os.path.relpath(at, store.root) for at in nodes.values())
    known = Size(layers + beside(store, places), all(sizes))
    names = tuple(n for kept in record.names.values() for n in kept)
    return Trashed(
        image,
        tuple(sorted(nodes)),
        names,
        record.parent,
        record.removed,
        facts[image].origin,
        known,
        record.parent != EMPTY_IMAGE
        and not is_there(store, record.parent, record.parent_born),
    )
