"""The field of the filter, above the tree while it is in use."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from plashui.core.text import clean


class FilterBar(Input):
    """Filters as one types; Enter goes back to the tree, Esc shows all again."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        border: none;
        padding: 0 1;
        background: $boost;
        &:focus { border: none; background: $primary 20%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "screen.focus_tree", "To the tree", show=False),
        Binding("escape", "screen.back", "Show all", show=False),
    ]

    def __init__(self, needle: str) -> None:
        """Start with this filter."""
        super().__init__(clean(needle), placeholder="filter: name, origin or id")
        self.cursor_blink = False
