"""Which images are shown, in which order, open or closed; plain values."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from plashui.model.forest import Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.filter import Filter, parse
from plashui.ui.model.images.folds import Folds
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.rows import Rows, View, closed_at_first, told_of, view


class Ahead(NamedTuple):
    """Rows that were prepared, and the number of the arrangement they belong to."""

    changes: int
    rows: Rows


class Arrangement:
    """The images as a tree or a flat list; each change makes new `rows`."""

    def __init__(self) -> None:
        """Start without images."""
        self.forest = Forest({})
        self.facts = Facts(time.time())
        self.needle = ""
        self.flat = False
        self.greatest = 0
        self._orders = {False: Order.ID, True: Order.OWN}
        self._turned = {False: False, True: False}
        self._filter = Filter()
        self._shut: set[int] = set()
        self._begun = False
        """Whether images were shown; they begin closed in a big store."""
        self._shut_found: set[int] = set()
        self._unfolded: set[int] = set()
        """The first images of the builds and chains that are not folded."""
        self._turned_once: set[int] = set()
        """Branches that were opened or closed when the app was last left."""
        self._view: View = view(self.forest, set())
        self.rows = Rows(self._view)
        self._changes = 0

    def emptied(self) -> Arrangement:
        """Return the same arrangement without images."""
        made = Arrangement()
        made.flat, made._orders = self.flat, dict(self._orders)
        made._turned = dict(self._turned)
        return made

    @property
    def order(self) -> Order:
        """The sort order; tree and list have one each."""
        return self._orders[self.flat]

    @property
    def reverse(self) -> bool:
        """Whether the order is turned around."""
        return self._turned[self.flat]

    @property
    def folds(self) -> Folds:
        """The builds and long chains, folded and not."""
        return self._view.folds

    @property
    def words(self) -> tuple[str, ...]:
        """The plain words of the filter, in small letters."""
        return self._filter.words

    @property
    def trouble(self) -> str:
        """What the filter could not understand."""
        return self._filter.trouble

    @property
    def found(self) -> int | None:
        """How many images the filter matches; None without a filter."""
        return None if self._view.found is None else len(self._view.found)

    @property
    def by_size(self) -> bool:
        """Whether counting layers changes the rows."""
        return self.order.by_size or self._filter.by_size

    def unknown_systems(self) -> list[int]:
        """Images whose distribution the filter needs and that is not known yet."""
        if not self._filter.by_system:
            return []
        return [
            image for image in self.forest.images if image not in self.facts.systems
        ]

    def take(self, forest: Forest, *, top_of: int = 0) -> bool:
        """Arrange this forest; return whether its set of images differs from the last.

        With `top_of` it holds only the top of the next one, whose greatest id that is.
        """
        if not self._begun and len(forest):
            self._shut = closed_at_first(forest, 0 if top_of else 400)
            if not top_of:
                self._shut ^= self._turned_once & forest.images.keys()
            self._begun = not top_of
        same = forest.images.keys() == self.forest.images.keys()
        self.forest = forest
        self.grow_older()
        if not same:
            self.greatest = top_of or max(forest.images, default=0)
        self.arrange()
        return not same

    def counted(self, forest: Forest) -> None:
        """Take a forest of the same images with more layers counted; keep the rows."""
        self.forest = forest
        self._view = self._view._replace(forest=forest)
        self.rows.recount(self._view)

    def ahead(self, image: int | None) -> Callable[[], Ahead]:
        """Return a function that prepares the rows for the present sizes in a thread.

        For a hundred thousand images that takes too long for the event loop. The
        siblings on the way to the row of `image` are sorted first.
        """
        changes, shut = self._changes, frozenset(self._closed())
        args = (self.forest, shut, self.order, self._filter)
        facts, flat, unfolded = self.facts, self.flat, frozenset(self._unfolded)
        reverse = self.reverse

        def work() -> Ahead:
            shown = view(*args, facts=facts, flat=flat, unfolded=unfolded)
            rows = Rows(shown, reverse=reverse)
            if rows.place(image) is None and len(rows):
                rows[0]
            return Ahead(changes, rows)

        return work

    def catch_up(self, ahead: Ahead) -> bool:
        """Take prepared rows unless they are outdated; return whether taken."""
        if ahead.changes != self._changes:
            return False
        self.rows = ahead.rows
        self._view = self.rows.shown._replace(forest=self.forest, closed=self._closed())
        self.rows.recount(self._view)
        return True

    def tell(self, facts: Facts) -> None:
        """Take what is known of use and of unsaved changes."""
        before, self.facts = self.facts, facts
        if (
            self._filter.tests
            or self.order is Order.USED
            or _names(before) != _names(facts)
            or self._folds_differ(before, facts)
        ):
            self.arrange()

    def _folds_differ(self, before: Facts, after: Facts) -> bool:
        """Say whether another image of a chain has something to be said of."""
        changed = told_of(before) ^ told_of(after)
        return not changed.isdisjoint(self.forest.links())

    def left(self) -> tuple[set[int], set[int]]:
        """Return which branches were opened or closed, and what was unfolded."""
        there = self.forest.images.keys()
        if not self._begun:
            return self._turned_once, self._unfolded
        turned = self._shut ^ closed_at_first(self.forest)
        return turned & there, self._unfolded & there

    def recall(self, turned: set[int], unfolded: set[int]) -> None:
        """Open, close and unfold these with the first forest, as they were left."""
        self._turned_once, self._unfolded = turned, unfolded

    def grow_older(self) -> None:
        """Update the ages; nothing else has changed."""
        self.facts = self.facts._replace(now=time.time())

    def sort(self, order: Order, *, reverse: bool = False) -> None:
        """Sort siblings, or the flat list, by this order."""
        self._orders[self.flat], self._turned[self.flat] = order, reverse
        self.arrange()

    def prefer(self, order: Order, *, flat: bool, reverse: bool) -> None:
        """Sort the tree, or the flat list, by this order whenever it is shown."""
        self._orders[flat], self._turned[flat] = order, reverse
        self.arrange()

    def preferred(self, *, flat: bool) -> tuple[Order, bool]:
        """Return the order of the tree or the flat list, and whether it is reversed."""
        return self._orders[flat], self._turned[flat]

    def lay(self, *, flat: bool) -> None:
        """Show a flat list, or the tree."""
        self.flat = flat
        self.arrange()

    def filter(self, needle: str) -> bool:
        """Show only matches and their ancestors, all for ''; return whether it does."""
        self.needle = needle
        self._filter = parse(needle)
        self._shut_found.clear()
        self.arrange()
        return bool(self._filter.tests)

    def open_all(self) -> None:
        """Open every branch, and unfold every build and chain."""
        self._closed().clear()
        self._unfolded.update(steps[0] for steps in self.folds.steps.values())
        self.arrange()

    def close_all(self) -> None:
        """Close every branch, and fold every build and chain."""
        self._unfolded.clear()
        images = self.forest.images.values()
        self._closed().update(image.id for image in images if image.children)
        self.arrange()

    def open_to(self, image: int) -> None:
        """Open all ancestors of an image."""
        self._closed().difference_update(self.forest.lineage(image)[1:])
        self.arrange()

    def unfold(self, image: int) -> None:
        """Show the images that are folded into the row of an image."""
        steps = self.folds.steps.get(image, ())
        self._unfolded.update(steps[:1])
        self._closed().difference_update(steps)
        self.arrange()

    def fold(self, image: int) -> None:
        """Fold the build or the chain that an image belongs to."""
        unfolded = self.folds.unfolded
        if image in unfolded:
            last = unfolded[image]
            self._unfolded.difference_update(i for i in unfolded if unfolded[i] == last)
            self.arrange()

    def turn(self, image: int) -> None:
        """Open or close one branch."""
        self._closed().symmetric_difference_update({image})
        self._changes += 1
        self.rows.turned(image)

    def arrange(self) -> None:
        """Compute the rows again."""
        self._view = view(
            self.forest,
            self._closed(),
            self.order,
            self._filter,
            facts=self.facts,
            flat=self.flat,
            unfolded=self._unfolded,
        )
        self._changes += 1
        self.rows = Rows(self._view, reverse=self.reverse)

    def _closed(self) -> set[int]:
        """The closed branches; a filter has its own set."""
        if self._filter.tests:
            return self._shut_found
        return self._shut


def _names(facts: Facts) -> dict[int, list[str]]:
    """Names of the unsaved changes of each image; they have rows of their own."""
    return {image: [c.name for c in some] for image, some in facts.unsaved.items()}
