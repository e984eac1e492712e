"""The rows of the tree, as plain values, without recursion.

For a hundred thousand images, rows are only counted; a row is made when it is drawn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate, pairwise
from typing import Final, NamedTuple, overload

from plashui.model.forest import EMPTY_IMAGE, Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.filter import Filter, matching, parse
from plashui.ui.model.images.folds import NO_FOLDS, Folds, folds
from plashui.ui.model.images.order import Order, ordered

BRANCH: Final = "├╴"
LAST: Final = "└╴"
ONWARD: Final = "│ "
NOTHING: Final = "  "
FURTHER: Final = "┄ "

GUIDE_LIMIT: Final = 32
"""Cells a guide may take; deeper rows lose the levels furthest to the left."""

GROUND: Final = EMPTY_IMAGE
"""Parent of the images of the first level."""

_PAGE: Final = 64
"""Rows that are made at a time."""
_PAGES: Final = 64
"""Pages that are kept."""


class Row(NamedTuple):
    """One row of the table.

    `guide` is drawn to the left of it. `found` is False for ancestors of what the
    filter found. `changes` is the name of unsaved changes of the image `id`, '' in the
    row of the image itself. `steps` is how many other images are folded into it: steps
    of a build, or those of a long `chain`, of which the row stands for nothing else.
    """

    id: int
    depth: int
    guide: str
    parent: bool
    opened: bool
    found: bool
    changes: str = ""
    steps: int = 0
    chain: bool = False


class View(NamedTuple):
    """What of a forest is shown.

    `found` are the ids that match the filter, None without one; `kept` are those and
    their ancestors. `flat` shows a list instead of a tree. `folds` are the builds.
    """

    forest: Forest
    closed: Set[int]
    order: Order = Order.ID
    found: Set[int] | None = None
    kept: Set[int] = frozenset()
    facts: Facts = Facts(0.0)
    flat: bool = False
    folds: Folds = NO_FOLDS

    def children(self, image: int) -> Sequence[int]:
        """Return the images whose rows are below that of an image."""
        forest = self.forest
        if image != GROUND:
            kids = forest.images[image].children
        elif self.flat:
            return tuple(forest.images) if self.found is None else tuple(self.found)
        else:
            kids = forest.roots
        if self.found is not None:
            kids = [i for i in kids if i in self.kept]
        rows = self.folds.rows
        return [rows.get(kid, kid) for kid in kids] if rows else kids

    def parent(self, image: int) -> int:
        """Return the image whose row is above that of an image; GROUND for none."""
        images = self.forest.images
        parent = images[self.folds.first(image)].parent
        return parent if parent in images else GROUND

    def is_parent(self, image: int) -> bool:
        """Say whether rows appear below the image when it is opened."""
        if self.flat:
            return False
        kids = self.forest.images[image].children
        if self.found is None:
            return bool(kids) or image in self.facts.unsaved
        return any(kid in self.kept for kid in kids) or bool(self.changes(image))

    def changes(self, image: int) -> tuple[str, ...]:
        """Return the names of the image's unsaved changes, shown above its children."""
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
    unfolded: Set[int] = frozenset(),
) -> View:
    """Return the view filtered by `needle` ('' for no filter).

    `unfolded` are the first images of the builds and chains that are not folded.
    """
    told = facts or Facts(0.0)
    wanted = parse(needle) if isinstance(needle, str) else needle
    if not wanted.tests:
        unsaved, more = told.unsaved.keys(), told_of(told)
        builds = NO_FOLDS if flat else folds(forest, unsaved, unfolded, more)
        return View(forest, closed, order, facts=told, flat=flat, folds=builds)
    found = matching(forest, wanted, told)
    kept = set(found)
    for image in () if flat else found:
        at = forest.images[image].parent
        while at in forest.images and at not in kept:
            kept.add(at)
            at = forest.images[at].parent
    if flat:
        return View(forest, closed, order, found, kept, told, flat)
    # The last one that is kept has a row, also if the steps after it are not.
    ends = {i for i in kept if kept.isdisjoint(forest.images[i].children)}
    own_rows = found | ends | told.unsaved.keys()
    builds = folds(forest, own_rows, unfolded, told_of(told))
    return View(forest, closed, order, found, kept, told, flat, builds)


def told_of(facts: Facts) -> Set[int]:
    """Return the images that are in use or have a note: not folded in a chain."""
    return facts.in_use | facts.notes.keys()


def closed_at_first(forest: Forest, limit: int = 400) -> set[int]:
    """Return what starts closed: every parent in a big store, else nothing."""
    if len(forest) <= limit:
        return set()
    return {image.id for image in forest.images.values() if image.children}


class Rows(Sequence[Row]):
    """All rows of a view, in order. Call `turned` after opening or closing a branch."""

    def __init__(self, shown: View, *, reverse: bool = False) -> None:
        """Count the rows without making any; `reverse` turns the order around."""
        self.shown, self._reverse = shown, reverse
        self._below: dict[int, int] = {}
        self._sorted: dict[int, list[int]] = {}
        self._starts: dict[int, list[int]] = {}
        self._pages: dict[int, list[Row]] = {}
        self._count(GROUND)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._below[GROUND]

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """Return a row, or a slice of rows."""
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
        """Return the index of the image's row; None if it has none."""
        shown, images = self.shown, self.shown.forest.images
        if image is None or image not in images:
            return None
        if shown.flat:
            kids = self._kids(GROUND)
            return kids.index(image) if self._is_shown(image) else None
        if not self._is_shown(image):
            return None
        if image in shown.folds.rows:
            return None
        way = [image]
        while way[-1] != GROUND:
            way.append(shown.parent(way[-1]))
        if not all(self._is_open(above) for above in way[1:-1]):
            return None
        row = -1
        for at, parent in pairwise(way):
            row += 1 + self._rows_before(parent)[self._kids(parent).index(at)]
        return row

    def place_of_changes(self, image: int, name: str) -> int | None:
        """Return the index of the row of unsaved changes; None if it has none."""
        at, names = self.place(image), self.shown.changes(image)
        if at is None or name not in names or not self._is_open(image):
            return None
        return at + 1 + names.index(name)

    def turned(self, image: int) -> None:
        """Update the counts after a branch was opened or closed."""
        if image not in self._below:
            self._count(image)
        more = self._below[image] if self._is_open(image) else -self._below[image]
        at = image
        while at != GROUND:
            at = self.shown.parent(at)
            self._starts.pop(at, None)
            if at in self._below:
                self._below[at] += more
            if at != GROUND and not self._is_open(at):
                break
        self._pages.clear()

    def recount(self, shown: View) -> None:
        """Take the same view with other sizes that do not change its order."""
        self.shown = shown

    def _is_shown(self, image: int) -> bool:
        return self.shown.found is None or image in self.shown.kept

    def _is_open(self, image: int) -> bool:
        return image not in self.shown.closed and self.shown.is_parent(image)

    def _count(self, top: int) -> None:
        """Count the rows below an image, and below each open image among them."""
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
        """Return those of the images that are open."""
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
            ids = shown.children(image)
            kids = ordered(ids, shown.order, shown.forest, shown.facts, shown.folds)
            if self._reverse:
                kids.reverse()
            self._sorted[image] = kids
        return kids

    def _rows_before(self, image: int) -> list[int]:
        """Return for each child how many rows come before it below the parent."""
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
        """Make one page of rows, starting at this index.

        The unsaved changes of an image come first: they have negative places up to -1.
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
            before = _before(self._guide(before, kids, at, len(levels)))
            image = kids[at]
        rows: list[Row] = []
        while levels and len(rows) < _PAGE:
            places_left, above, before = levels[-1]
            at_next = next(places_left, None)
            if at_next is None:
                levels.pop()
                continue
            kids, depth = self._kids(above), len(levels) - 1
            guide = self._guide(before, kids, at_next, len(levels))
            if at_next < 0:
                name = shown.changes(above)[at_next]
                rows.append(Row(above, depth, guide, False, False, True, name))
                continue
            image = kids[at_next]
            parent = shown.is_parent(image)
            opened = parent and image not in shown.closed
            wanted = found is None or image in found
            folded = len(shown.folds.steps.get(image, ()))
            chain = image in shown.folds.chains
            rows.append(
                Row(image, depth, guide, parent, opened, wanted, "", folded, chain)
            )
            if opened:
                places = range(-len(shown.changes(image)), len(self._kids(image)))
                levels.append((iter(places), image, _before(guide)))
        return rows

    def _guide(self, before: str, kids: list[int], at: int, level: int) -> str:
        """Return the guide of a child of this row; '' on the first level.

        An only child with an only child is not the end of its branch: the line goes on
        to that one, which is not indented further.
        """
        if level == 1:
            return ""
        if at < len(kids) - 1:
            return before + BRANCH
        alone = len(kids) == 1 and at == 0 and self._is_open(kids[0])
        if alone and len(self._kids(kids[0])) == 1 and not self.shown.changes(kids[0]):
            return before + ONWARD
        return before + LAST


def _before(guide: str) -> str:
    """Return the common start of the guides of a row's children."""
    if guide.endswith(ONWARD):
        return guide[:-2]
    if guide.endswith(BRANCH):
        before = guide[:-2] + ONWARD
    else:
        before = guide[:-2] + NOTHING if guide else ""
    return FURTHER + before[4:] if len(before) >= GUIDE_LIMIT else before
