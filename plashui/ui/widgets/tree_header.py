"""The headings of the tree with the sort order."""

from __future__ import annotations

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.model.images.order import Order
from plashui.ui.model.notice import Notice
from plashui.ui.platform.palette import ink
from plashui.ui.widgets.tree_rows import TreeRows


class TreeHeader(Widget):
    """The line above the tree; a click on a heading sorts.

    It takes the columns from the table whenever it is drawn, so both are alike from the
    first frame on.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TreeHeader { height: 1; color: $dim; }
    """

    class Sort(Notice):
        """A heading was clicked."""

        order: Order

    def __init__(self, table: TreeRows) -> None:
        """Head this table."""
        super().__init__()
        self._table = table

    def _arrow(self, order: Order) -> str:
        return order.arrow_of(reverse=self._table.reverse)

    def headings(self) -> list[tuple[Order | None, str]]:
        """Return each heading with its order, as wide as its column."""
        wide = self._table.columns
        share = "SHARE OF LARGEST" if wide.bar >= 18 else "SHARE"
        share = f"  {share}" if wide.bar else ""
        name = f"  {self._text(Order.NAME, 'NAME')}"
        cells: list[tuple[Order | None, str]] = [
            (Order.ID, self._text(Order.ID, "ID").rjust(wide.id + 1) + " "),
            (Order.NAME, set_cell_size(name, wide.name + 2)),
            (Order.OWN, self._text(Order.OWN, "OWN").rjust(wide.own)),
            (Order.OWN, share.ljust(wide.bar)),
        ]
        for order, cells_wide in self._optional():
            if cells_wide:
                text = self._text(order, order.value).rjust(cells_wide)
                cells.append((order, text))
        wide_packages = (("PKGS", wide.packages), ("PACKED", wide.packed))
        # By these nothing is sorted: they are known of the rows on the screen only.
        return [*cells, *((None, text.rjust(w)) for text, w in wide_packages if w)]

    def _optional(self) -> tuple[tuple[Order, int], ...]:
        """Return the columns that narrow tables lack, with their widths (or 0)."""
        wide = self._table.columns
        return (
            (Order.SUBTREE, wide.subtree),
            (Order.AGE, wide.age),
            (Order.USED, wide.used),
        )

    def _text(self, order: Order, heading: str) -> str:
        arrow = self._arrow(order)
        if order is not self._table.order:
            return heading
        return f"{heading}{arrow}" if order is Order.NAME else f"{arrow}{heading}"

    def render_line(self, y: int) -> Strip:
        """Draw the headings."""
        base = self.rich_style
        if y:
            return Strip.blank(self.size.width, base)
        strong = base + ink(self, "strong")
        segments = [
            Segment(text, strong if order is self._table.order else base)
            for order, text in self.headings()
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked."""
        at = 0
        for order, text in self.headings():
            at += len(text)
            if event.x < at:
                if order is not None:
                    self.post_message(self.Sort(order))
                return
