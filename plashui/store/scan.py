"""Scan of a store: its images and their parents, without reading all links again.

An image is a link in index/ whose target exists; the place of the target in layer/
names its parent. Reading ten thousand links takes a tenth of a second. An image never
changes its parent, and removing it changes its parent's directory. It is therefore
enough to read new links and the mtimes of the parents' directories.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Container, Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.model.forest import EMPTY_IMAGE, Image
from plashui.store.cache import INDEX, Cache
from plashui.store.ids import image_id, image_ids

if TYPE_CHECKING:
    from typing import Final

_SETTLED: Final = 1_000_000_000
"""Nanoseconds after which any further change of a directory changes its mtime."""


Census = tuple[dict[int, Image], dict[int, list[int]]]
"""Images by id, sorted, without children and names; and the children by parent."""


def take(store: str, cache: Cache) -> Census:
    """Return every image of the store; add new ones to the cache.

    Raises OSError if a directory cannot be read, which is not an empty store.
    """
    index = os.open(f"{store}/index", os.O_RDONLY | os.O_DIRECTORY)
    try:
        known = cache.images
        while True:
            try:
                return _take(store, cache, index, known)
            except _Stale as stale:
                known = {i: known[i] for i in known if i not in stale.images}
    finally:
        os.close(index)


class _Stale(Exception):
    """The cache describes earlier images with the ids of these."""

    def __init__(self, images: set[int]) -> None:
        self.images = images


def _take(store: str, cache: Cache, index: int, known: Mapping[int, Image]) -> Census:
    images: dict[int, Image] = {}
    children: dict[int, list[int]] = defaultdict(list)
    new: dict[int, Image] = {}
    ids, stamp = _indexed(cache, index)
    for image in ids:
        found = known.get(image)
        if found is None:
            found = _look(store, image, index)
            if found is None:
                stamp = -1  # a dangling link, whose target may appear later
                continue
            new[image] = found
        images[image] = found
        children[found[1]].append(image)
    seen = _check(store, cache.seen, (images, children), new.keys(), index)
    if 0 <= stamp < time.time_ns() - _SETTLED and cache.seen.get(INDEX) != stamp:
        seen[INDEX] = stamp
        cache.indexed = ids
    cache.add(new, seen)
    return images, children


def _indexed(cache: Cache, index: int) -> tuple[list[int], int]:
    """Return the ids in index/, sorted, and its mtime in nanoseconds."""
    stamp = os.fstat(index).st_mtime_ns
    if cache.seen.get(INDEX) == stamp:
        return cache.indexed, stamp
    return sorted(image_ids(os.listdir(index))), stamp


def _look(store: str, image: int, index: int) -> Image | None:
    """Read an image that is not in the cache; None if its link is dangling."""
    parent = _place(image, index)
    if parent is None:
        return None
    from plashui.store.metadata import read_image  # not where the cache knows all

    return read_image(f"{store}/index/{image}", image, parent)


def _check(
    store: str,
    known: Mapping[int, int],
    census: Census,
    new: Container[int],
    index: int,
) -> dict[int, int]:
    """Drop images whose directories are gone; return the parents that are complete.

    The result has the form of `Cache.seen`: mtimes of directories in nanoseconds.
    Raises _Stale if an image that is not `new` has another parent than cached.
    """
    images, children = census
    seen: dict[int, int] = {}
    stale: set[int] = set()
    settled = time.time_ns() - _SETTLED
    places = {EMPTY_IMAGE: str(EMPTY_IMAGE)}
    layer = os.open(f"{store}/layer", os.O_RDONLY | os.O_DIRECTORY)
    try:
        for parent, kids in list(children.items()):
            there: set[int] = set()
            try:
                if parent != EMPTY_IMAGE:
                    places[parent] = f"{places[images[parent].parent]}/{parent}"
                changed = os.stat(places[parent], dir_fd=layer).st_mtime_ns
                if known.get(parent, -2) == changed:
                    continue
                there = _nested(places[parent], layer)
            except (OSError, KeyError):
                changed = -1  # the directory is gone or was moved
            stale |= {i for i in there if i in images and images[i].parent != parent}
            gone = {kid: _place(kid, index) for kid in kids if kid not in there}
            stale |= {kid for kid, on in gone.items() if on not in (None, parent)}
            gone = {kid: on for kid, on in gone.items() if on is None}
            for image in gone:
                del images[image]
            if gone:
                children[parent] = [kid for kid in kids if kid in images]
            elif 0 <= changed < settled:
                seen[parent] = changed
    finally:
        os.close(layer)
    if any(image not in new for image in stale):
        raise _Stale(stale)
    return seen


def _nested(place: str, layer: int) -> set[int]:
    """Return the ids of the entries in a layer's directory."""
    directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY, dir_fd=layer)
    try:
        return set(image_ids(os.listdir(directory)))
    finally:
        os.close(directory)


def _place(image: int, index: int) -> int | None:
    """Return the parent that an image's link names; None if the link is dangling."""
    name = str(image)
    try:
        link = os.readlink(name, dir_fd=index)
    except OSError:
        return None
    above, _slash, last = link.rpartition("/")
    if last != name or not os.access(name, os.F_OK, dir_fd=index):
        return None
    return image_id(above.rpartition("/")[2]) or EMPTY_IMAGE
