"""What a family of actions is: methods of one object, each an entry in the table.

A family is given the objects it needs, and knows no more of the main screen. It imports
nothing of Textual before something is done: `plashui config` reads the table, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plashui.ui.store_view.view import StoreView


class ActionFamily:
    """Actions that belong together."""

    def __init__(self, view: StoreView) -> None:
        """Act on what this view shows."""
        self.view, self.host = view, view.host
