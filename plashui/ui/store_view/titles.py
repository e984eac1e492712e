"""The titles of the panels of the images and of the small map."""

from __future__ import annotations

from typing import Final

from plashui.base.units import size, thousands
from plashui.ui.model.map.way import way
from plashui.ui.model.text.lines import Line
from plashui.ui.store_view.summary import Summary
from plashui.ui.store_view.view import StoreView
from plashui.ui.widgets.panel import Panel

MARGIN: Final = 36
"""Cells of the edge of a panel that are not for the way through the map."""


class Titles:
    """Say in the titles of the panels what is shown."""

    def __init__(self, view: StoreView, summary: Summary) -> None:
        """Entitle the panels of this view."""
        self._view, self._summary = view, summary

    def show(self) -> None:
        """Draw the titles again."""
        view = self._view
        view.screen.query_one("#left", Panel).entitle(self._left(), self._right())
        if view.mini is not None:
            key = view.host.key("map")
            colours = [("Map", "accent"), (f" · colour: {view.colouring}", "faint")]
            enlarge = [(key, "key"), (" enlarges", "faint")]
            view.screen.query_one("#mini", Panel).entitle(colours, enlarge)

    def _left(self) -> Line:
        table = self._view.table
        if self._view.usage_map is not None:
            panel = self._view.screen.query_one("#left", Panel)
            room = panel.outer_size.width - MARGIN
            crumbs = way(table.forest, self._view.usage_map.way, room)
            return [("Map", "accent"), (f" {crumbs}", "faint")]
        count = self._summary.count if table.found is None else table.found
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
