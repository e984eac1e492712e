"""The headings of the tree, with the sort shown; a click sorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.rows import Order
from plashui.ui.widgets.rowcells import Columns, columns

_ARROWS: Final = {
    Order.ID: "▴",
    Order.OWN: "▾",
    Order.SUBTREE: "▾",
    Order.AGE: "▴",
    Order.NAME: "▴",
}


class TreeHeader(Widget):
    """One line above the tree."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"treeheader--sorted"}
    DEFAULT_CSS = """
    TreeHeader {
        height: 1;
        color: $foreground 60%;
        & > .treeheader--sorted { color: $foreground; text-style: bold; }
    }
    """

    @dataclass
    class Sort(Message):
        """A heading was clicked."""

        order: Order

    def __init__(self) -> None:
        """Start with the order of ids."""
        super().__init__()
        self._columns = columns(80, 0)
        self._order = Order.ID

    def show(self, wide: Columns, order: Order) -> None:
        """Draw these columns and this sort."""
        if (wide, order) != (self._columns, self._order):
            self._columns, self._order = wide, order
            self.refresh()

    def headings(self) -> list[tuple[Order | None, str]]:
        """Each heading with what it sorts by, as wide as its column."""
        wide = self._columns
        name = "   " + self._text(Order.NAME, "NAME / ORIGIN")
        own = self._text(Order.OWN, "OWN").rjust(wide.own)
        cells: list[tuple[Order | None, str]] = [
            (Order.ID, self._text(Order.ID, "ID").rjust(wide.id + 1) + " "),
            (Order.NAME, set_cell_size(name, wide.name + 1)),
            (Order.OWN, own.ljust(wide.own + wide.bar)),
        ]
        if wide.subtree:
            text = self._text(Order.SUBTREE, "SUBTREE").rjust(wide.subtree)
            cells.append((Order.SUBTREE, text))
        if wide.age:
            cells.append((Order.AGE, self._text(Order.AGE, "AGE").rjust(wide.age)))
        return cells

    def _text(self, order: Order, heading: str) -> str:
        if order is not self._order:
            return heading
        return f"{heading}▴" if order is Order.NAME else f"{_ARROWS[order]}{heading}"

    def render_line(self, y: int) -> Strip:
        """The headings."""
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        strong = self.get_component_rich_style("treeheader--sorted")
        segments = [
            Segment(text, strong if order is self._order else self.rich_style)
            for order, text in self.headings()
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked."""
        at = 0
        for order, text in self.headings():
            at += len(text)
            if event.x < at:
                if order is not None:
                    self.post_message(self.Sort(order))
                return
