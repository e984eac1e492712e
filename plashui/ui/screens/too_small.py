"""The message shown while the terminal is too small."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static


class TooSmall(Screen[None]):
    """A screen that says which size is needed."""

    DEFAULT_CSS = """
    TooSmall { align: center middle; & Static { width: 100%; text-align: center; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.leave", "Quit", show=False)
    ]

    def __init__(self, width: int, height: int) -> None:
        """Name the size that is needed."""
        super().__init__()
        self._needed = f"{width}x{height}"

    def compose(self) -> ComposeResult:
        """Yield the message."""
        yield Static(f"Too small: needs {self._needed}\nq quits", markup=False)
