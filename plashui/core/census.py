"""Which images a store has, and on what each stands, without looking twice.

An image is a link in index/ whose target exists, and the target's place in layer/ is
its parentage. To look at each of ten thousand links takes a tenth of a second. But an
image never changes its parent, and one cannot go without its parent's directory being
changed. So it is enough to look at what is new, and at the directories of parents.
"""

from __future__ import annotations

import os
import time
from typing import Final

from plashui.core.forest import EMPTY_IMAGE
from plashui.core.meta import Cache, Facts, read_facts

_SETTLED: Final = 1_000_000_000
"""Nanoseconds after which a directory's time stamp tells a further change for sure."""


def image_id(name: str) -> int | None:
    """The id a directory or link name stands for; None if it is no image's."""
    if not (name.isascii() and name.isdecimal()) or name[0] == "0" or len(name) > 10:
        return None
    return int(name)


def take(store: str, cache: Cache) -> dict[int, Facts]:
    """The facts of every image there is, by id, in the order of the ids.

    What is found new is added to the cache.
    """
    try:
        index = os.open(f"{store}/index", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return {}
    try:
        names = os.listdir(index)
        ids = sorted(filter(None, map(image_id, names)))
        known = cache.facts
        found: dict[int, Facts] = {}
        children: dict[int, list[int]] = {}
        for image in ids:
            fact = known.get(image)
            if fact is None:
                fact = _look(store, image, index)
            if fact is not None:
                found[image] = fact
                if fact[0] in children:
                    children[fact[0]].append(image)
                else:
                    children[fact[0]] = [image]
        new = {i: f for i, f in found.items() if i not in known}
        gone, seen = _check(store, cache, found, children, index)
    finally:
        os.close(index)
    for image in gone:
        del found[image]
    cache.add(new, seen)
    return found


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


def _check(
    store: str,
    cache: Cache,
    found: dict[int, Facts],
    children: dict[int, list[int]],
    index: int,
) -> tuple[list[int], dict[int, int]]:
    """Images whose directories are gone, and parents newly known to be whole."""
    gone: list[int] = []
    seen: dict[int, int] = {}
    now = time.time_ns()
    directories = {EMPTY_IMAGE: f"{store}/layer/{EMPTY_IMAGE}"}
    for parent, kids in children.items():
        if parent != EMPTY_IMAGE:
            fact = found.get(parent)
            above = directories.get(fact[0]) if fact else None
            directories[parent] = f"{above or ''}/{parent}"
        try:
            changed = os.stat(directories[parent]).st_mtime_ns
        except OSError:
            changed = -1  # gone, or not where it should be: look at each child
        if changed >= 0 and cache.seen.get(parent) == changed:
            continue
        there = os.F_OK
        missing = [k for k in kids if not os.access(str(k), there, dir_fd=index)]
        gone += missing
        if not missing and 0 <= changed < now - _SETTLED:
            seen[parent] = changed
    return gone, seen
