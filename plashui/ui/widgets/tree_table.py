"""The tree of images as a table: keys, mouse and cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from rich.cells import cell_len
from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.geometry import Size as Cells

from plashui.model.forest import Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.arrangement import Ahead
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.row_cells import Columns, guide_cells, icon_cells
from plashui.ui.model.notice import Notice
from plashui.ui.widgets.tree_rows import TreeRows

if TYPE_CHECKING:
    from plashui.store.changes.saved_changes import Kept

RIGHT: Final = 3
"""The number of the right button of the mouse."""

CALM: Final = 1.0
"""Seconds between two changes of the order while layers are being counted."""


class Span(NamedTuple):
    """A range of rows that is being marked: where it began, and the marks before."""

    image: int
    before: frozenset[int]


class TreeTable(TreeRows, can_focus=True):
    """Images as a tree or flat list; cursor, marks and scroll follow the ids."""

    HELP = "The tree of images: arrows or j k move, h l close and open, space marks."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Up", show=False),
        Binding("down,j", "cursor(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("ctrl+u", "half_page(-1)", "Half a page up", show=False),
        Binding("ctrl+d", "half_page(1)", "Half a page down", show=False),
        Binding("shift+up", "extend(-1)", "Mark upwards", show=False),
        Binding("shift+down", "extend(1)", "Mark downwards", show=False),
        Binding("home,g", "goto(0)", "First", show=False),
        Binding("end,G", "goto(-1)", "Last", show=False),
        Binding("left,h", "close_branch", "Close, or go to the parent", show=False),
        Binding("right,l", "open_branch", "Open, or go to the child", show=False),
    ]

    class Moved(Notice):
        """The cursor is on another image (None: there are no rows)."""

        image: int | None

    class Chosen(Notice):
        """An image was double-clicked."""

        image: int

    class Asked(Notice):
        """An image was clicked with the right button."""

        image: int

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
        self._span: Span | None = None
        self._moves_span = self._spans_on = False
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

    def switch_mark(self) -> None:
        """Mark or unmark the image under the cursor, and move to the next."""
        image = self.image
        if image is None:
            return
        self._turn_mark(image)
        self.refresh_line_at(self.cursor)
        self.cursor += 1
        self.post_message(self.Changed())

    def clear_marks(self) -> None:
        """Remove all marks."""
        self.marks.clear()
        self.refresh()
        self.post_message(self.Changed())

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

    def toggle_mark(self, image: int) -> None:
        """Mark or unmark an image."""
        self._turn_mark(image)
        self._redraw()
        self.post_message(self.Changed())

    def _turn_mark(self, image: int) -> None:
        """Mark the row of an image, or remove all marks that are folded into it."""
        marked = self.marks.intersection(self.folds.whole(image))
        self.marks.difference_update(marked)
        self.marks.update(() if marked else (image,))

    def visible_ids(self) -> list[int]:
        """Return the images on the screen, top to bottom."""
        top = self.scroll_offset.y
        return [row.id for row in self.rows[top : top + max(1, self.size.height)]]

    # -- keys and mouse -----------------------------------------------------

    def action_cursor(self, by: int) -> None:
        """Move the cursor by rows."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move the cursor by screens."""
        self.cursor += by * max(1, self.scrollable_content_region.height - 1)

    def action_half_page(self, by: int) -> None:
        """Move the cursor by half a screen."""
        self.cursor += by * max(1, self.scrollable_content_region.height // 2)

    def action_extend(self, by: int) -> None:
        """Move the cursor, and mark what is between where this began and the cursor."""
        if self._span is None:
            self.begin_span()
        self._moves_span = True
        self.cursor += by
        self._moves_span = False

    def begin_span(self, *, stays: bool = False) -> None:
        """Mark from here on what is between this row and the cursor.

        Unless it `stays`, other moves of the cursor end it.
        """
        self._spans_on = stays
        if self.image is not None:
            self._span = Span(self.image, frozenset(self.marks))
            self._mark_span()

    def end_span(self) -> bool:
        """Keep the marks that were set; return whether a range was being marked."""
        ended, self._span = self._span is not None, None
        return ended

    @property
    def spans(self) -> bool:
        """Whether a range is being marked."""
        return self._span is not None

    def _mark_span(self) -> None:
        if self._span is None:
            return
        start = self.rows.place(self._span.image)
        if start is None:
            self._span = None
            return
        first, last = sorted((start, self.cursor))
        rows = self.rows[first : last + 1]
        self.mark_only(self._span.before.union(r.id for r in rows if not r.changes))

    def mark_only(self, images: Iterable[int]) -> None:
        """Mark exactly these images."""
        self.marks.clear()
        self.marks.update(images)
        self._redraw()
        self.post_message(self.Changed())

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

    def action_goto(self, row: int) -> None:
        """Move the cursor to a row; -1 is the last."""
        self.cursor = row if row >= 0 else len(self.rows) - 1

    def action_open_branch(self) -> None:
        """Open the branch under the cursor, then unfold its build; then go into it."""
        if self.cursor >= len(self.rows):
            return
        row = self.rows[self.cursor]
        if self.unfold_chain():
            pass
        elif row.parent and not row.opened:
            self._switch_branch(self.cursor)
        elif row.steps:
            self._unfold(row.id)
        elif row.opened:
            self.cursor += 1

    def unfold_chain(self) -> bool:
        """Unfold the chain under the cursor; return whether there was one."""
        image = self.image
        if image is None or image not in self.folds.chains or self.changes:
            return False
        first = self.folds.first(image)
        self._unfold(image)
        self._go_to(first)
        return True

    def action_close_branch(self) -> None:
        """Fold the build under the cursor, close its branch, or go to its parent."""
        if self.cursor >= len(self.rows):
            return
        row = self.rows[self.cursor]
        if row.id in self.folds.unfolded and not row.changes:
            self._fold(row.id)
            return
        if row.opened:
            self._switch_branch(self.cursor)
            return
        above = row.id if row.changes else self.rows.shown.parent(row.id)
        parent = self.rows.place(above)
        if parent is not None:
            self.cursor = parent

    def on_click(self, event: events.Click) -> None:
        """Select; on the guide or arrow open or close; a double click chooses."""
        index = int(event.y + self.scroll_offset.y)
        if not 0 <= index < len(self.rows):
            return
        row = self.rows[index]
        wide = self.columns
        first = wide.before_name
        last = first + cell_len(guide_cells(row, wide)) + cell_len(icon_cells(row))
        self.cursor = index
        if event.button == RIGHT:
            self.post_message(self.Asked(row.id))
            return
        if row.chain and event.x >= first:
            self.unfold_chain()
        elif (row.parent or row.steps) and first <= event.x < last:
            if row.parent:
                self._switch_branch(index)
            else:
                self._unfold(row.id)
        elif event.chain == 2:
            self.post_message(self.Chosen(row.id))

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
        if self._span is not None:
            if self._spans_on or self._moves_span:
                self._mark_span()
            else:
                self._span = None

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
        self.set_reactive(TreeTable.cursor, now)
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
