"""An app of Textual with one line of text."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """It shows its name."""

    def compose(self) -> ComposeResult:
        """Show one line."""
        yield Static("empty-app")


Empty().run()
