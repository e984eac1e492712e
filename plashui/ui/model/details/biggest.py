"""The directories of a layer that take the most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from plashui.base.terminal_text import clean
from plashui.helper.listing import Entry

MOST: Final = 4
"""Directories that are named."""

_MOST_OF_IT: Final = 0.8
"""The share of a directory from which on the one inside is named in its place."""


def biggest(entries: Iterable[Entry]) -> tuple[tuple[str, int], ...]:
    """Return the largest directories of a listing, with their allocated bytes.

    None of them is inside another; of one whose bytes are nearly all in one directory
    inside, that is named. Paths are clean.
    """
    sums: dict[str, int] = {}
    twins: set[int] = set()
    for entry in entries:
        if entry.kind != "-" or entry.links in twins:
            continue
        if entry.links:
            twins.add(entry.links)
        at = entry.name.rpartition("/")[0]
        while at:
            sums[at] = sums.get(at, 0) + entry.allocated
            at = at.rpartition("/")[0]
    inside: dict[str, list[str]] = {}
    for path in sums:
        inside.setdefault(path.rpartition("/")[0], []).append(path)
    found: list[str] = list(inside.get("", ()))
    for _ in range(3):  # /usr says less than what fills it
        found = [deeper for path in found for deeper in _deeper(path, sums, inside)]
    found.sort(key=lambda path: (-sums[path], path))
    return tuple((f"/{clean(path)}", sums[path]) for path in found[:MOST] if sums[path])


def _deeper(path: str, sums: dict[str, int], inside: dict[str, list[str]]) -> list[str]:
    """Return a directory, or those in it if they have nearly all of its bytes."""
    kids = inside.get(path, [])
    whole = sum(sums[kid] for kid in kids)
    return kids if kids and whole >= _MOST_OF_IT * sums[path] > 0 else [path]
