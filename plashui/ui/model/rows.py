"""Which rows are on show, as plain values: no widget, no recursion.

A tree of a hundred thousand images is not worked out row by row: how many rows there
are is counted, and those that are looked at are made when they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate
from typing import Final, NamedTuple, overload

from plashui.model.forest import EMPTY_IMAGE, Forest
from plashui.store.activity import Facts
from plashui.ui.model.filter import Filter, matching, parse
from plashui.ui.model.order import Order, ordered

BRANCH: Final = "├─"
LAST: Final = "└─"
ONWARD: Final = "│ "
NOTHING: Final = "  "
FURTHER: Final = "┄ "

GUIDE_LIMIT: Final = 32
"""Cells a guide may take; deeper rows lose the levels furthest to the left."""

GROUND: Final = EMPTY_IMAGE
"""What the images of the first level stand on."""

_PAGE: Final = 64
"""Rows that are made at a time."""
_PAGES: Final = 64
"""Pages that are kept."""


class Row(NamedTuple):
    """One line of the table.

    `guide` is what is drawn left of it, `found` is False for a row that is shown
    only as the way to one the filter found. `changes` is the name of unsaved changes of
    the image `id`; '' in the row of the image itself.
    """

    id: int
    depth: int
    guide: str
    parent: bool
    opened: bool
    found: bool
    changes: str = ""


class View(NamedTuple):
    """What of a forest is shown and how.

    `found` is None without a filter, else the ids it matches; `kept` are those and
    all they stand on. `flat`: not as a tree but all in one list.
    """

    forest: Forest
    closed: Set[int]
    order: Order = Order.ID
    found: Set[int] | None = None
    kept: Set[int] = frozenset()
    facts: Facts = Facts(0.0)
    flat: bool = False

    def children(self, image: int) -> Sequence[int]:
        """Those that stand right on an image, or on the ground, and are shown."""
        forest = self.forest
        if image != GROUND:
            kids = forest.images[image].children
        elif self.flat:
            return tuple(forest.images) if self.found is None else tuple(self.found)
        else:
            kids = forest.roots
        return kids if self.found is None else [i for i in kids if i in self.kept]

    def is_parent(self, image: int) -> bool:
        """Whether something is shown below it, once it is open."""
        if self.flat:
            return False
        kids = self.forest.images[image].children
        if self.found is None:
            return bool(kids) or image in self.facts.unsaved
        return any(kid in self.kept for kid in kids) or bool(self.changes(image))

    def changes(self, image: int) -> tuple[str, ...]:
        """The names of its unsaved changes: rows of their own, before its children."""
        some = self.facts.unsaved.get(image)
        if not some or self.flat:
            return ()
        if self.found is not None and image not in self.found:
            return ()
        return tuple(one.name for one in some)


def view(
    forest: Forest,
    closed: Set[int],
    order: Order = Order.ID,
    needle: str | Filter = "",
    *,
    facts: Facts | None = None,
    flat: bool = False,
) -> View:
    """The view with the filter `needle` worked out ('' = none)."""
    told = facts or Facts(0.0)
    wanted = parse(needle) if isinstance(needle, str) else needle
    if not wanted.tests:
        return View(forest, closed, order, facts=told, flat=flat)
    found = matching(forest, wanted, told)
    kept = set(found)
    for image in () if flat else found:
        at = forest.images[image].parent
        while at in forest.images and at not in kept:
            kept.add(at)
            at = forest.images[at].parent
    return View(forest, closed, order, found, kept, told, flat)


def closed_at_first(forest: Forest, limit: int = 400) -> set[int]:
    """What starts closed: nothing in a small store, every parent in a big one."""
    if len(forest) <= limit:
        return set()
    return {image.id for image in forest.images.values() if image.children}


class Rows(Sequence[Row]):
    """All rows of a view, in order. Whoever opens or closes a branch tells `turned`."""

    def __init__(self, shown: View) -> None:
        """Count the rows; none is made yet."""
        self.shown = shown
        self._below: dict[int, int] = {}
        self._sorted: dict[int, list[int]] = {}
        self._starts: dict[int, list[int]] = {}
        self._pages: dict[int, list[Row]] = {}
        self._count(GROUND)

    def __len__(self) -> int:
        """How many there are."""
        return self._below[GROUND]

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """A row, or some."""
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        number, at = divmod(index, _PAGE)
        page = self._pages.get(number)
        if page is None:
            if len(self._pages) >= _PAGES:
                self._pages.clear()
            page = self._pages[number] = self._page(number * _PAGE)
        return page[at]

    def place(self, image: int | None) -> int | None:
        """The number of the image's row; None if it has none."""
        shown, images = self.shown, self.shown.forest.images
        if image is None or image not in images:
            return None
        if shown.flat:
            kids = self._kids(GROUND)
            return kids.index(image) if self._is_shown(image) else None
        if not self._is_shown(image):
            return None
        at, row = image, -1
        while True:
            parent = images[at].parent
            if parent not in images:
                parent = GROUND
            elif not self._is_open(parent):
                return None
            row += 1 + self._rows_before(parent)[self._kids(parent).index(at)]
            if parent == GROUND:
                return row
            at = parent

    def place_of_changes(self, image: int, name: str) -> int | None:
        """The number of the row of unsaved changes; None if it has none."""
        at, names = self.place(image), self.shown.changes(image)
        if at is None or name not in names or not self._is_open(image):
            return None
        return at + 1 + names.index(name)

    def turned(self, image: int) -> None:
        """A branch was opened or closed: count anew what that changes."""
        images = self.shown.forest.images
        if image not in self._below:
            self._count(image)
        more = self._below[image] if self._is_open(image) else -self._below[image]
        at = image
        while at != GROUND:
            parent = images[at].parent
            at = parent if parent in images else GROUND
            self._starts.pop(at, None)
            if at in self._below:
                self._below[at] += more
            if at != GROUND and not self._is_open(at):
                break
        self._pages.clear()

    def recount(self, shown: View) -> None:
        """The same view with other sizes, that do not change its order."""
        self.shown = shown

    def _is_shown(self, image: int) -> bool:
        return self.shown.found is None or image in self.shown.kept

    def _is_open(self, image: int) -> bool:
        return image not in self.shown.closed and self.shown.is_parent(image)

    def _count(self, top: int) -> None:
        """How many rows there are below an image that is open, and in it."""
        below, shown = self._below, self.shown
        order: list[tuple[int, int, list[int]]] = []
        stack = [top]
        while stack:
            image = stack.pop()
            kids = shown.children(image)
            opened = self._opened(kids)
            order.append((image, len(kids) + len(shown.changes(image)), opened))
            stack += opened
        for image, rows, opened in reversed(order):
            below[image] = rows + sum([below[kid] for kid in opened])

    def _opened(self, kids: Sequence[int]) -> list[int]:
        """Those of them that are open."""
        shown = self.shown
        if shown.flat:
            return []
        if shown.found is not None:
            return [kid for kid in kids if self._is_open(kid)]
        closed, images, more = shown.closed, shown.forest.images, shown.facts.unsaved
        return [
            kid for kid in kids if (images[kid][2] or kid in more) and kid not in closed
        ]

    def _kids(self, image: int) -> list[int]:
        kids = self._sorted.get(image)
        if kids is None:
            shown = self.shown
            kids = ordered(
                shown.children(image), shown.order, shown.forest, shown.facts
            )
            self._sorted[image] = kids
        return kids

    def _rows_before(self, image: int) -> list[int]:
        """For each of its children, how many rows come before it below the image."""
        starts = self._starts.get(image)
        if starts is None:
            kids = self._kids(image)
            if self.shown.flat:
                starts = list(range(len(kids)))
            else:
                rows = [1 + self._below[k] if self._is_open(k) else 1 for k in kids]
                first = len(self.shown.changes(image))
                starts = list(accumulate(rows[:-1], initial=first)) if rows else []
            self._starts[image] = starts
        return starts

    def _page(self, first: int) -> list[Row]:
        """The rows from this one on: down to it once, then from row to row.

        Of an image the unsaved changes come first: their places count up to -1.
        """
        shown, found = self.shown, self.shown.found
        levels: list[tuple[Iterator[int], int, str]] = []
        image, left, before = GROUND, first, ""
        while True:
            kids, starts = self._kids(image), self._rows_before(image)
            at = bisect_right(starts, left) - 1
            if at < 0:  # among its changes
                places = range(left - len(shown.changes(image)), len(kids))
                levels.append((iter(places), image, before))
                break
            left -= starts[at]
            levels.append((iter(range(at, len(kids))), image, before))
            if not left:
                break
            left -= 1
            next(levels[-1][0])
            before = _before(_guide(before, kids, at, len(levels)))
            image = kids[at]
        rows: list[Row] = []
        while levels and len(rows) < _PAGE:
            places_left, above, before = levels[-1]
            at_next = next(places_left, None)
            if at_next is None:
                levels.pop()
                continue
            kids, depth = self._kids(above), len(levels) - 1
            guide = _guide(before, kids, at_next, len(levels))
            if at_next < 0:
                name = shown.changes(above)[at_next]
                rows.append(Row(above, depth, guide, False, False, True, name))
                continue
            image = kids[at_next]
            parent = shown.is_parent(image)
            opened = parent and image not in shown.closed
            wanted = found is None or image in found
            rows.append(Row(image, depth, guide, parent, opened, wanted))
            if opened:
                places = range(-len(shown.changes(image)), len(self._kids(image)))
                levels.append((iter(places), image, _before(guide)))
        return rows


def _guide(before: str, kids: list[int], at: int, level: int) -> str:
    """The guide of one of the children of a row; those of the first level have none."""
    if level == 1:
        return ""
    return before + (LAST if at == len(kids) - 1 else BRANCH)


def _before(guide: str) -> str:
    """What the guides of a row's children begin with."""
    if guide.endswith(BRANCH):
        before = guide[:-2] + ONWARD
    else:
        before = guide[:-2] + NOTHING if guide else ""
    return FURTHER + before[4:] if len(before) >= GUIDE_LIMIT else before
