"""Which rows of the tree of images are shown; cursor and scroll follow the ids."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from textual import on
from textual.geometry import Region
from textual.geometry import Size as Cells

from plashui.model.forest import Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.arrangement import Ahead
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.row_cells import Columns
from plashui.ui.model.notice import Notice
from plashui.ui.widgets.tree_rows import TreeRows

if TYPE_CHECKING:
    from plashui.store.changes.saved_changes import Kept

CALM: Final = 1.0
"""Seconds between two changes of the order while layers are being counted."""


class TreeShown(TreeRows):
    """Show forests, filtered and in an order; the cursor stays on its image."""

    class Moved(Notice):
        """The cursor is on another image (None: there are no rows)."""

        image: int | None

    class Changed(Notice):
        """The images, marks, order, filter or columns have changed."""

    class Arranged(Notice):
        """Rows that a thread prepared, by the sizes known when it started."""

        ahead: Ahead

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Start empty; `show` fills the table."""
        super().__init__(id=id)
        self._announced: int | None = None
        self._last: int | None = None
        self._settled = 0.0
        self._ahead: list[Callable[[], Ahead]] = []
        self._drawn: Columns | None = None

    # -- what is shown ------------------------------------------------------

    @property
    def flat(self) -> bool:
        """Whether the list is shown."""
        return self._all.flat

    @property
    def needle(self) -> str:
        """The filter."""
        return self._all.needle

    @property
    def trouble(self) -> str:
        """What the filter could not understand."""
        return self._all.trouble

    @property
    def found(self) -> int | None:
        """How many images the filter matches; None without a filter."""
        return self._all.found

    @property
    def image(self) -> int | None:
        """The id under the cursor."""
        return self.rows[self.cursor].id if self.cursor < len(self.rows) else None

    @property
    def changes(self) -> Kept | None:
        """The unsaved changes under the cursor, if it is on their row."""
        if self.cursor >= len(self.rows) or not (row := self.rows[self.cursor]).changes:
            return None
        every = self.facts.unsaved.get(row.id, ())
        return next((one for one in every if one.name == row.changes), None)

    def show(self, forest: Forest, *, top_of: int = 0) -> None:
        """Show this forest; cursor, scroll, open branches and marks follow the ids.

        With `top_of` it holds only the top of the next one, whose greatest id that is.
        """
        with self._rearranged():
            changed = self._all.take(forest, top_of=top_of)
        if changed:
            self.marks.intersection_update(forest.images)
            self.post_message(self.Changed())

    def left(self) -> tuple[set[int], set[int]]:
        """Return which branches were opened or closed, and what was unfolded."""
        return self._all.left()

    def recall(self, turned: set[int], unfolded: set[int]) -> None:
        """Open, close and unfold these with the first forest, as they were left."""
        self._all.recall(turned, unfolded)

    def forget(self) -> None:
        """Forget everything: the next forest belongs to another store."""
        self.marks.clear()
        self._last = None
        self._all = self._all.emptied()
        self.show(Forest({}))

    def counted(self, forest: Forest) -> None:
        """Show the same images with more layers counted.

        If the order depends on sizes, it changes now and then, and at the end.
        """
        self._all.counted(forest)
        self._redraw()
        now = time.monotonic()
        if self._all.by_size and (now - self._settled >= CALM or forest.total().known):
            self._settled = now
            self._arrange_anew()

    def _arrange_anew(self) -> None:
        self._ahead = [self._all.ahead(self._last)]
        self.run_worker(
            self._work_ahead, thread=True, group="ahead", exit_on_error=False
        )

    def _work_ahead(self) -> None:
        """Prepare rows in a thread, which must not hold on to a forest afterwards."""
        try:
            work = self._ahead.pop()
        except IndexError:
            return  # the thread before this one does it
        self.post_message(self.Arranged(work()))

    @on(Arranged)
    def arranged(self, event: Arranged) -> None:
        """Show the prepared rows; prepare them again if they are outdated."""
        event.stop()
        with self._rearranged():
            caught_up = self._all.catch_up(event.ahead)
        if not caught_up and self._all.by_size:
            self._arrange_anew()

    def sort(self, order: Order, *, reverse: bool = False) -> None:
        """Sort siblings, or the list, by this order."""
        with self._rearranged():
            self._all.sort(order, reverse=reverse)
        self.post_message(self.Changed())

    def prefer(self, order: Order, *, flat: bool, reverse: bool) -> None:
        """Sort the tree, or the list, by this order whenever it is shown."""
        with self._rearranged():
            self._all.prefer(order, flat=flat, reverse=reverse)

    def preferred(self, *, flat: bool) -> tuple[Order, bool]:
        """Return the order of the tree or the list, and whether it is reversed."""
        return self._all.preferred(flat=flat)

    def lay(self, *, flat: bool) -> None:
        """Show a flat list, or the tree."""
        image = self.image
        with self._rearranged():
            self._all.lay(flat=flat)
        if image is not None and not flat:
            self.reveal(image)
        self.post_message(self.Changed())

    def filter(self, needle: str) -> None:
        """Show only matches and their ancestors; '' shows all images."""
        if needle == self.needle:
            return
        with self._rearranged():
            seek = self._all.filter(needle)
        if seek and len(self.rows) and not self.rows[self.cursor].found:
            self.cursor = next((i for i, r in enumerate(self.rows) if r.found), 0)
        self.post_message(self.Changed())

    def reveal(self, image: int) -> None:
        """Move the cursor to this image, or its build's row; open its ancestors."""
        if image not in self.forest:
            return
        row = self.folds.rows.get(image, image)
        if row in self.folds.chains:
            with self._rearranged():
                self._all.unfold(row)
        else:
            image = row
        if self.rows.place(image) is None:
            with self._rearranged():
                self._all.open_to(image)
        self._go_to(image)

    def tell(self, facts: Facts) -> None:
        """Show what else is known about the images."""
        if facts._replace(now=self.facts.now) != self.facts:
            with self._rearranged():
                self._all.tell(facts)

    def unknown_systems(self) -> list[int]:
        """Images whose distribution the filter needs and that is not known yet."""
        return self._all.unknown_systems()

    def grow_older(self) -> None:
        """Update the ages."""
        self._all.grow_older()
        self._redraw()

    def open_all(self) -> None:
        """Open every branch."""
        with self._rearranged():
            self._all.open_all()

    def close_all(self) -> None:
        """Close every branch."""
        line = self.forest.lineage(self.image) if self.image is not None else []
        with self._rearranged():
            self._all.close_all()
        if line and not self.flat:
            self._go_to(line[-1])

    def visible_ids(self) -> list[int]:
        """Return the images on the screen, top to bottom."""
        top = self.scroll_offset.y
        return [row.id for row in self.rows[top : top + max(1, self.size.height)]]

    def matches(self) -> list[int]:
        """Return the images that the filter finds, or all images."""
        found = self.rows.shown.found
        return list(self.forest.images if found is None else found)

    def next_match(self, by: int = 1) -> None:
        """Go to the next row that the filter finds, or the one before."""
        count = len(self.rows)
        for step in range(1, count):
            at = (self.cursor + by * step) % count
            if self.rows[at].found:
                self.cursor = at
                return

    def unfold_chain(self) -> bool:
        """Unfold the chain under the cursor; return whether there was one."""
        image = self.image
        if image is None or image not in self.folds.chains or self.changes:
            return False
        first = self.folds.first(image)
        self._unfold(image)
        self._go_to(first)
        return True

    # -- keeping it true ----------------------------------------------------

    def on_resize(self) -> None:
        """Compute the columns for the new width."""
        self._measure()

    def validate_cursor(self, row: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(row, len(self.rows) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two changed lines and scroll to the cursor."""
        self.refresh_line_at(old)
        self.refresh_line_at(new)
        self._follow()
        self._announce()

    @contextmanager
    def _rearranged(self) -> Iterator[None]:
        """Show other rows; the row of the cursor stays in place on the screen."""
        image, row = self._last, self.cursor
        changes = self.rows[row].changes if row < len(self.rows) else ""
        above = row - self.scroll_offset.y
        yield
        self._measure()
        found = None
        if changes and image is not None:
            found = self.rows.place_of_changes(image, changes)
        if found is None:
            found = self.rows.place(self.folds.rows.get(image or 0, image))
        now = self.validate_cursor(row if found is None else found)
        self.set_reactive(TreeRows.cursor, now)
        if now != row:
            self.scroll_to(y=max(0, now - above), animate=False, force=True)
        self._follow()
        self._announce()

    def _switch_branch(self, index: int) -> None:
        """Open or close one branch."""
        self._all.turn(self.rows[index].id)
        self._measure()

    def _unfold(self, image: int) -> None:
        with self._rearranged():
            self._all.unfold(image)
        self.post_message(self.Changed())

    def _fold(self, image: int) -> None:
        """Fold the build or the chain of an image, and move to its row."""
        last = self.folds.unfolded[image]
        with self._rearranged():
            self._all.fold(image)
        self._go_to(last)
        self.post_message(self.Changed())

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Cells(width, len(self.rows))
        self._redraw()
        if self.columns != self._drawn:
            self._drawn = self.columns
            self.post_message(self.Changed())

    def _go_to(self, image: int) -> None:
        index = self.rows.place(image)
        if index is not None:
            self.cursor = index
            self._follow()

    def _follow(self) -> None:
        if self.rows:
            line = Region(0, self.cursor, 1, 1)
            self.scroll_to_region(line, animate=False, force=True, x_axis=False)

    def _announce(self) -> None:
        if self.image != self._announced:
            self._announced = self.image
            # A filter that finds nothing leaves no row: the cursor comes back with one.
            self._last = self.image or self._last
            self.post_message(self.Moved(self.image))
