"""Which images a store has, and on what each stands, without looking twice.

An image is a link in index/ whose target exists, and the target's place in layer/ is
its parentage. To look at each of ten thousand links takes a tenth of a second. But an
image never changes its parent, and one cannot go without its parent's directory being
changed. So it is enough to look at what is new, and at the directories of parents.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Final, NamedTuple

from plashui.core.forest import EMPTY_IMAGE
from plashui.core.meta import Cache, Facts, read_facts

_SETTLED: Final = 1_000_000_000
"""Nanoseconds after which a directory's time stamp tells a further change for sure."""


def image_id(name: str) -> int | None:
    """The id a directory or link name stands for; None if it is no image's."""
    if not (name.isascii() and name.isdecimal()) or name[0] == "0" or len(name) > 10:
        return None
    return int(name)


class Census(NamedTuple):
    """Facts of each image by id, in the order of the ids, and who stands on whom."""

    facts: dict[int, Facts]
    children: dict[int, list[int]]


def take(store: str, cache: Cache) -> Census:
    """Every image there is. What is found new is added to the cache."""
    facts: dict[int, Facts] = {}
    children: dict[int, list[int]] = {}
    census = Census(facts, children)
    try:
        index = os.open(f"{store}/index", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return census
    try:
        known = cache.facts
        new: dict[int, Facts] = {}
        for image in sorted(filter(None, map(image_id, os.listdir(index)))):
            fact = known.get(image)
            if fact is None:
                fact = _look(store, image, index)
                if fact is None:
                    continue
                new[image] = fact
            facts[image] = fact
            parent = fact[0]
            if parent in children:
                children[parent].append(image)
            else:
                children[parent] = [image]
        seen = _check(store, cache, census, index)
    finally:
        os.close(index)
    cache.add(new, seen)
    return census


def _look(store: str, image: int, index: int) -> Facts | None:
    """What an image that was never seen is; None if its link leads nowhere."""
    name = str(image)
    try:
        link = os.readlink(name, dir_fd=index)
    except OSError:
        return None
    above, _slash, last = link.rpartition("/")
    if last != name or not os.access(name, os.F_OK, dir_fd=index):
        return None
    return read_facts(f"{store}/index/{name}", image_id(above.rpartition("/")[2]) or 0)


def _check(store: str, cache: Cache, census: Census, index: int) -> dict[int, int]:
    """Drop images whose directories are gone; the parents newly known to be whole.

    Those come as in `Cache.seen`: the time their directory changed, in nanoseconds.
    """
    facts, children = census
    seen: dict[int, int] = {}
    settled = time.time_ns() - _SETTLED
    places = {EMPTY_IMAGE: str(EMPTY_IMAGE)}
    try:
        layer = os.open(f"{store}/layer", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        layer = -1
    for parent, kids in list(children.items()):
        changed = -1  # the directory is gone, or not where it should be
        if parent in facts and facts[parent][0] in places:
            places[parent] = f"{places[facts[parent][0]]}/{parent}"
        if layer >= 0 and parent in places:
            with suppress(OSError):
                changed = os.stat(places[parent], dir_fd=layer).st_mtime_ns
        if changed >= 0 and cache.seen.get(parent) == changed:
            continue
        there = os.F_OK
        gone = [k for k in kids if not os.access(str(k), there, dir_fd=index)]
        for image in gone:
            del facts[image]
        if gone:
            children[parent] = [kid for kid in kids if kid in facts]
        elif 0 <= changed < settled:
            seen[parent] = changed
    if layer >= 0:
        os.close(layer)
    return seen
