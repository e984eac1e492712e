"""The title of the panel of the images: how many, in which order, which are marked."""

from __future__ import annotations

from plashui.base.units import size, thousands
from plashui.ui.model.text.lines import Line
from plashui.ui.store_view.view import StoreView
from plashui.ui.widgets.panel import Panel


class Titles:
    """Say in the title of the panel what is shown."""

    def __init__(self, view: StoreView) -> None:
        """Entitle the panel of this view."""
        self._view = view

    def show(self) -> None:
        """Draw the title again."""
        self._view.screen.query_one("#left", Panel).entitle(self._left(), self._right())

    def _left(self) -> Line:
        table = self._view.table
        if self._view.usage_map is not None:
            return [("Map", "accent"), (" · area: bytes", "faint")]
        count = len(table.forest) if table.found is None else table.found
        how = "list" if table.flat else "tree"
        arrow = table.order.arrow_of(reverse=table.reverse)
        order = f"{how} by {table.order.lower()} {arrow}"
        return [
            ("Images", "accent"),
            (f" {thousands(count)}" if count else "", "faint"),
            (f" · {order}", "faint"),
        ]

    def _right(self) -> Line:
        """Return the marked images and their bytes."""
        table = self._view.table
        if not table.marks:
            return []
        own = table.folds.own
        taken = sum(own(table.forest, image).bytes for image in table.marks)
        return [(f"{len(table.marks)} marked · {size(taken)}", "mark")]
