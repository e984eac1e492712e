"""The small map below the tree, on screens with room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.timer import Timer

from plashui.ui.store_view.titles import Titles
from plashui.ui.store_view.view import StoreView

if TYPE_CHECKING:
    from plashui.ui.model.map.colours import Colouring

LATE: Final = 0.2
"""Seconds after the first paint, which belongs to the tree."""


class SmallMap:
    """Put the small map where there is room, and keep it true."""

    def __init__(self, view: StoreView, titles: Titles) -> None:
        """Show the images of this view."""
        self._view, self._titles = view, titles
        self._coming: Timer | None = None

    def fit(self) -> None:
        """Put the map there soon, or take it away, as there is room."""
        view = self._view
        if view.is_vast and view.mini is None and self._coming is None:
            self._coming = view.screen.set_timer(LATE, self._put)
        elif not view.is_vast and view.mini is not None:
            view.mini.remove()
            view.mini = None

    def _put(self) -> None:
        from plashui.ui.widgets.mini_map import MiniMap

        self._coming = None
        view, table = self._view, self._view.table
        if not view.is_vast or view.mini is not None:
            return
        view.mini = MiniMap(
            table.forest, table.facts, table.marks, view.shares, view.colouring
        )
        view.mini.follow(table.image)
        view.screen.query_one("#mini").mount(view.mini)
        self._titles.show()

    def follow(self) -> None:
        """Mark the image under the cursor of the tree."""
        if self._view.mini is not None:
            self._view.mini.follow(self._view.table.image)

    def redraw(self) -> None:
        """Draw the map again after marks changed."""
        if self._view.mini is not None:
            self._view.mini.redraw()

    def recolour(self, colouring: Colouring) -> None:
        """Use the colours that were chosen on the large map."""
        self._view.colouring = colouring
        if self._view.mini is not None:
            self._view.mini.recolour(colouring)
            self._titles.show()
