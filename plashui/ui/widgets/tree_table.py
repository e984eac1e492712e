"""The tree of images as a table: marks, keys and mouse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType

from plashui.ui.model.images.row_cells import guide_cells, icon_cells
from plashui.ui.model.notice import Notice
from plashui.ui.widgets.tree_shown import TreeShown

RIGHT: Final = 3
"""The number of the right button of the mouse."""


class Span(NamedTuple):
    """A range of rows that is being marked: where it began, and the marks before."""

    image: int
    before: frozenset[int]


class TreeTable(TreeShown, can_focus=True):
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

    class Chosen(Notice):
        """An image was double-clicked."""

        image: int

    class Asked(Notice):
        """An image was clicked with the right button."""

        image: int

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Start empty; `show` fills the table."""
        super().__init__(id=id)
        self._span: Span | None = None
        self._moves_span = self._spans_on = False

    # -- marks --------------------------------------------------------------

    def switch_mark(self) -> None:
        """Mark or unmark the image under the cursor, and move to the next."""
        image = self.image
        if image is None:
            return
        self._turn_mark(image)
        self.refresh_line_at(self.cursor)
        self.cursor += 1
        self.post_message(self.Changed())

    def toggle_mark(self, image: int, *, alone: bool = False) -> None:
        """Mark or unmark the row of an image, or only the image itself."""
        if alone:
            self.marks ^= {image}
        else:
            self._turn_mark(image)
        self._redraw()
        self.post_message(self.Changed())

    def clear_marks(self) -> None:
        """Remove all marks."""
        self.marks.clear()
        self.refresh()
        self.post_message(self.Changed())

    def mark_only(self, images: Iterable[int]) -> None:
        """Mark exactly these images."""
        self.marks.clear()
        self.marks.update(images)
        self._redraw()
        self.post_message(self.Changed())

    def _turn_mark(self, image: int) -> None:
        """Mark the row of an image, or remove all marks that are folded into it."""
        marked = self.marks.intersection(self.folds.whole(image))
        self.marks.difference_update(marked)
        self.marks.update(() if marked else self.folds.marked(image))

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

    def _mark_span(self) -> None:
        if self._span is None:
            return
        start = self.rows.place(self._span.image)
        if start is None:
            self._span = None
            return
        first, last = sorted((start, self.cursor))
        rows = [row.id for row in self.rows[first : last + 1] if not row.changes]
        self.mark_only(self._span.before.union(*map(self.folds.marked, rows)))

    def watch_cursor(self, old: int, new: int) -> None:
        """Mark up to the cursor while a range is being marked."""
        super().watch_cursor(old, new)
        if self._span is not None:
            if self._spans_on or self._moves_span:
                self._mark_span()
            else:
                self._span = None

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
