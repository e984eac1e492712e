"""Which rows of the tree are on show, as plain values: no widget, no recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from enum import StrEnum
from typing import Any, Final, NamedTuple

from plashui.core.forest import Forest

BRANCH: Final = "├─"
LAST: Final = "└─"
ONWARD: Final = "│ "
NOTHING: Final = "  "
FURTHER: Final = "┄ "

GUIDE_LIMIT: Final = 32
"""Cells a guide may take; deeper rows lose the levels furthest to the left."""


class Order(StrEnum):
    """What siblings are sorted by; the value is the column's heading."""

    ID = "ID"
    SUBTREE = "SUBTREE"
    OWN = "OWN"
    AGE = "AGE"
    NAME = "NAME"

    def next(self) -> Order:
        """The order after this one; after the last comes the first."""
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]


class Row(NamedTuple):
    """One line of the tree.

    `guide` is what is drawn left of it, `found` is False for a row that is shown
    only as the way to one the filter found.
    """

    id: int
    depth: int
    guide: str
    parent: bool
    opened: bool
    found: bool


class View(NamedTuple):
    """What of a forest is shown and how.

    `found` is None without a filter, else the ids it matches; `kept` are those and
    all they stand on.
    """

    forest: Forest
    closed: Set[int]
    order: Order = Order.ID
    found: Set[int] | None = None
    kept: Set[int] = frozenset()

    def siblings(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that are shown, in order."""
        shown = ids if self.found is None else [i for i in ids if i in self.kept]
        if self.order is Order.ID:
            return sorted(shown)
        return sorted(shown, key=_sort_key(self.forest, self.order))


def view(
    forest: Forest, closed: Set[int], order: Order = Order.ID, needle: str = ""
) -> View:
    """The view with the filter `needle` worked out ('' = none)."""
    if not needle:
        return View(forest, closed, order)
    found = matching(forest, needle)
    kept = set(found)
    for image in found:
        at = forest.images[image].parent
        while at in forest.images and at not in kept:
            kept.add(at)
            at = forest.images[at].parent
    return View(forest, closed, order, found, kept)


def matching(forest: Forest, needle: str) -> set[int]:
    """Ids whose number is `needle`, or whose names or origin contain it."""
    wanted = needle.casefold()
    return {
        image.id
        for image in forest.images.values()
        if wanted == str(image.id)
        or wanted in image.origin.casefold()
        or any(wanted in name.casefold() for name in image.names)
    }


def visible_rows(shown: View) -> list[Row]:
    """All rows on show, in order."""
    return _rows(shown, [(root, 0, "") for root in shown.siblings(shown.forest.roots)])


def opened_rows(shown: View, row: Row) -> list[Row]:
    """The rows that appear below `row` when it is opened."""
    return _rows(shown, _children(shown, row.id, row.depth, row.guide))


def rows_below(rows: list[Row], index: int) -> int:
    """How many rows after `index` stand on it: they go when it is closed."""
    depth = rows[index].depth
    end = index + 1
    while end < len(rows) and rows[end].depth > depth:
        end += 1
    return end - index - 1


def closed_at_first(forest: Forest, limit: int = 400) -> set[int]:
    """What starts closed: nothing in a small store, every parent in a big one."""
    if len(forest) <= limit:
        return set()
    return {image.id for image in forest.images.values() if image.children}


def _rows(shown: View, tops: list[tuple[int, int, str]]) -> list[Row]:
    rows: list[Row] = []
    images = shown.forest.images
    closed, found, kept = shown.closed, shown.found, shown.kept
    stack = tops[::-1]
    while stack:
        image, depth, guide = stack.pop()
        kids = images[image].children
        parent = bool(kids) if found is None else any(kid in kept for kid in kids)
        opened = parent and image not in closed
        rows.append(
            Row(image, depth, guide, parent, opened, found is None or image in found)
        )
        if opened:
            stack.extend(reversed(_children(shown, image, depth, guide)))
    return rows


def _children(
    shown: View, image: int, depth: int, guide: str
) -> list[tuple[int, int, str]]:
    kids = shown.siblings(shown.forest.images[image].children)
    if guide.endswith(BRANCH):
        before = guide[:-2] + ONWARD
    else:
        before = guide[:-2] + NOTHING if guide else ""
    if len(before) >= GUIDE_LIMIT:
        before = FURTHER + before[4:]
    end = len(kids) - 1
    return [
        (kid, depth + 1, before + (LAST if at == end else BRANCH))
        for at, kid in enumerate(kids)
    ]


def _sort_key(forest: Forest, order: Order) -> Callable[[int], Any]:
    images = forest.images
    if order is Order.SUBTREE:
        return lambda image: (-forest.subtree(image).bytes, image)
    if order is Order.OWN:
        return lambda image: (-forest.own(image).bytes, image)
    if order is Order.AGE:
        return lambda image: (-(images[image].created or 0.0), image)
    if order is Order.NAME:
        return lambda image: (not forest.label(image), forest.label(image), image)
    return lambda image: image
