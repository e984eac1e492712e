"""The rows of the tree of images, drawn with Textual's line API."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from plashui.model.forest import Forest
from plashui.settings.values import MORE_COLUMNS
from plashui.store.activity import Facts
from plashui.ui.model.images.arrangement import Arrangement
from plashui.ui.model.images.folds import Folds
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.row_cells import (
    Columns,
    Picture,
    columns,
    row_cells,
    without,
)
from plashui.ui.model.images.rows import Rows
from plashui.ui.model.images.shares import Shares
from plashui.ui.model.notice import Notice
from plashui.ui.platform.palette import ink

REST: Final = 0.3
"""Seconds that rows are shown before their packages are read."""


class TreeRows(ScrollView):
    """Draw the rows of an arrangement of images; drawn lines are cached.

    `marks` are the ids drawn as marked, `cursor` is the row drawn as current.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "treetable--cursor",
        "treetable--cursor-blurred",
    }
    DEFAULT_CSS = """
    TreeRows {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .treetable--cursor { background: $block-cursor-background; }
        & > .treetable--cursor-blurred {
            background: $block-cursor-blurred-background;
        }
    }
    """
    cursor: reactive[int] = reactive(0, repaint=False)

    class Lacking(Notice):
        """Rows were drawn whose packages are not known."""

        images: list[int]

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Start empty."""
        super().__init__(id=id)
        self.marks: set[int] = set()
        self._all = Arrangement()
        self.hidden: set[str] = {*MORE_COLUMNS}
        self.shares = Shares()
        self._asking: Timer | None = None
        self._strips: LRUCache[tuple[int, bool, bool], Strip] = LRUCache(1024)

    @property
    def forest(self) -> Forest:
        """The images."""
        return self._all.forest

    @property
    def facts(self) -> Facts:
        """What else is known about the images."""
        return self._all.facts

    @property
    def rows(self) -> Rows:
        """The rows that are shown."""
        return self._all.rows

    @property
    def reverse(self) -> bool:
        """Whether the order is turned around."""
        return self._all.reverse

    @property
    def order(self) -> Order:
        """The sort order; tree and list have one each."""
        return self._all.order

    @property
    def folds(self) -> Folds:
        """The builds and long chains, folded and not."""
        return self._all.folds

    @property
    def columns(self) -> Columns:
        """The columns as drawn; the header uses the same."""
        width = self.scrollable_content_region.width
        more = {*MORE_COLUMNS} - self.hidden
        return without(columns(width, self._all.greatest, more), self.hidden)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if not 0 <= index < len(self.rows):
            return Strip.blank(width, self.rich_style)
        key = (index, index == self.cursor, self._is_marked(index))
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(index, width)
        return strip

    def _is_marked(self, index: int) -> bool:
        row = self.rows[index]
        whole = self.folds.whole(row.id)
        return not row.changes and not self.marks.isdisjoint(whole)

    def _draw(self, index: int, width: int) -> Strip:
        row = self.rows[index]
        base = self.rich_style
        under = index == self.cursor
        if under:
            name = "cursor" if self.has_focus else "cursor-blurred"
            base += self.get_component_rich_style(f"treetable--{name}", partial=True)

        def style(kind: str) -> Style:
            return base + ink(self, kind) if kind else base

        picture = Picture(
            self.forest,
            self.columns,
            self.facts,
            self.shares,
            self.folds,
            self._all.words,
        )
        lacking = row.id not in self.facts.packages
        if lacking and (self.columns.packages or self.columns.packed):
            self._ask_soon()
        cells = row_cells(row, picture, marked=self._is_marked(index))
        segments = [Segment(text, style(kind)) for text, kind in cells]
        return Strip(segments).adjust_cell_length(width, base)

    def _ask_soon(self) -> None:
        """Ask for the packages of the rows on the screen, once they rest."""
        if self._asking is None:
            self._asking = self.set_timer(REST, self._ask)

    def _ask(self) -> None:
        self._asking = None
        top = self.scroll_offset.y
        shown = self.rows[top : top + max(1, self.size.height)]
        images = dict.fromkeys(row.id for row in shown)
        lacking = [one for one in images if one not in self.facts.packages]
        if lacking:
            self.post_message(self.Lacking(lacking))

    def notify_style_update(self) -> None:
        """Drop the cached lines after a change of colours."""
        self._strips.clear()
        super().notify_style_update()

    def on_focus(self) -> None:
        """Draw the cursor strong."""
        self.refresh_line_at(self.cursor)

    def on_blur(self) -> None:
        """Draw the cursor faint."""
        self.refresh_line_at(self.cursor)

    def refresh_line_at(self, index: int) -> None:
        """Draw one row again."""
        for under in (False, True):
            for marked in (False, True):
                self._strips.discard((index, under, marked))
        self.refresh_line(index)  # Textual takes the scroll offset off itself

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()
