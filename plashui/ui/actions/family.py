"""The base class of the families of actions.

A family gets the objects it needs and knows nothing else of the main screen. It imports
nothing of Textual until an action runs: `plash config` reads the table, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plashui.ui.store_view.view import StoreView


class ActionFamily:
    """Base of classes whose methods are actions of one kind."""

    def __init__(self, view: StoreView) -> None:
        """Act on what this view shows."""
        self.view, self.host = view, view.host
