"""The headings of the tree with the sort order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.model.order import Order
from plashui.ui.model.row_cells import Columns, columns


class TreeHeader(Widget):
    """The line above the tree; a click on a heading sorts."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"treeheader--sorted"}
    DEFAULT_CSS = """
    TreeHeader {
        height: 1;
        color: $foreground 70%;
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
        self._flat = self._reverse = False

    def show(
        self, wide: Columns, order: Order, *, flat: bool = False, reverse: bool = False
    ) -> None:
        """Show these columns and this order, of a tree or a flat list."""
        new = (wide, order, flat, reverse)
        if new != (self._columns, self._order, self._flat, self._reverse):
            self._columns, self._order, self._flat, self._reverse = new
            self.refresh()

    def _arrow(self, order: Order) -> str:
        arrow = order.arrow
        return {"▾": "▴", "▴": "▾"}[arrow] if self._reverse else arrow

    def headings(self) -> list[tuple[Order, str]]:
        """Return each heading with its order, as wide as its column."""
        wide = self._columns
        own = self._text(Order.OWN, "OWN").rjust(wide.own)
        share = " SHARE" if wide.bar else ""
        cells = [
            (Order.ID, self._text(Order.ID, "ID").rjust(wide.id + 1) + " "),
            (Order.NAME, set_cell_size(f"   {self._name_heading()}", wide.name + 1)),
            (Order.OWN, f"{own}{share}".ljust(wide.own + wide.bar)),
        ]
        for order, cells_wide in self._optional():
            if cells_wide:
                text = self._text(order, order.value).rjust(cells_wide)
                cells.append((order, text))
        return cells

    def _optional(self) -> tuple[tuple[Order, int], ...]:
        """Return the columns that narrow tables lack, with their widths (or 0)."""
        wide = self._columns
        return (
            (Order.SUBTREE, wide.subtree),
            (Order.AGE, wide.age),
            (Order.USED, wide.used),
        )

    def _name_heading(self) -> str:
        """Return the heading of names, with list mode and an order without column."""
        said = ["list"] if self._flat else []
        if (self._order, 0) in self._optional():
            said.append(f"by {self._arrow(self._order)}{self._order.value}")
        heading = self._text(Order.NAME, "NAME / ORIGIN")
        return f"{heading} · {' '.join(said)}" if said else heading

    def _text(self, order: Order, heading: str) -> str:
        if order is not self._order:
            return heading
        arrow = self._arrow(order)
        return f"{heading}{arrow}" if order is Order.NAME else f"{arrow}{heading}"

    def render_line(self, y: int) -> Strip:
        """Draw the headings."""
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
                self.post_message(self.Sort(order))
                return
