"""A dialog that shows a longer text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Static

from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button


class Details(Dialog[None]):
    """Show lines; up and down scroll them."""

    DEFAULT_CSS = """
    Details #lines { height: auto; max-height: 18; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("enter,q", "safe", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        """Show these lines."""
        super().__init__()
        self.title_text, self._lines = title, lines

    def body(self) -> Iterable[Widget]:
        """Yield the lines."""
        with VerticalScroll(id="lines", can_focus=False):
            yield Static("\n".join(map(clean, self._lines)), markup=False)

    def buttons(self) -> Iterable[Button]:
        """Yield the way back."""
        yield button("Back", "safe")

    def on_mount(self) -> None:
        """Leave room for the button on a low screen."""
        self.fit(self.query_one("#lines"), 18)

    def on_button_pressed(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one("#lines").scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by pages."""
        lines = self.query_one("#lines")
        lines.scroll_relative(y=by * max(1, lines.size.height - 1), animate=False)
