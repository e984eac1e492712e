"""The directories and files of a layer that take the most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from plashui.base.terminal_text import clean
from plashui.helper.listing import Entry

MOST: Final = 4
"""Directories and files that are named."""

_MOST_OF_IT: Final = 0.8
"""The share of a directory from which on what is inside is named in its place."""


def biggest(entries: Iterable[Entry]) -> tuple[tuple[str, int], ...]:
    """Return the largest directories and files of a listing, with allocated bytes.

    None of them is inside another. Of a directory whose bytes are nearly all in the
    directories inside, or in one file, these are named. Paths are clean.
    """
    sums: dict[str, int] = {}
    largest: dict[str, tuple[int, str]] = {}
    twins: set[int] = set()
    for entry in entries:
        if entry.kind != "-" or entry.links in twins:
            continue
        if entry.links:
            twins.add(entry.links)
        at = entry.name.rpartition("/")[0]
        largest[at] = max(largest.get(at, (0, "")), (entry.allocated, entry.name))
        if not at:
            sums[entry.name] = entry.allocated
        while at:
            sums[at] = sums.get(at, 0) + entry.allocated
            at = at.rpartition("/")[0]
    inside: dict[str, list[str]] = {}
    for path in sums:
        inside.setdefault(path.rpartition("/")[0], []).append(path)
    found: list[str] = list(inside.get("", ()))
    for _ in range(3):  # /usr says less than what fills it
        found = [deeper for path in found for deeper in _deeper(path, sums, inside)]
    for index, path in enumerate(found):
        count, file = largest.get(path, (0, ""))
        if count >= _MOST_OF_IT * sums[path]:
            found[index], sums[file or path] = file or path, count
    found.sort(key=lambda path: (-sums[path], path))
    return tuple((f"/{clean(path)}", sums[path]) for path in found[:MOST] if sums[path])


def _deeper(path: str, sums: dict[str, int], inside: dict[str, list[str]]) -> list[str]:
    """Return a directory, or those in it if they have nearly all of its bytes."""
    kids = inside.get(path, [])
    whole = sum(sums[kid] for kid in kids)
    return kids if kids and whole >= _MOST_OF_IT * sums[path] > 0 else [path]
