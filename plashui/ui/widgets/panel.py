"""A titled panel: what it shows, and on the right what else is to be said of it."""

from __future__ import annotations

from rich.cells import cell_len
from textual.containers import Vertical

from plashui.ui.model.text.lines import Line
from plashui.ui.platform.palette import content


class Panel(Vertical):
    """A frame with a title at both ends of its upper edge; the focused one stands out.

    Textual has one title an edge: the edge between them is part of it.
    """

    DEFAULT_CSS = """
    Panel {
        border: round $line;
        border-title-color: $line;
        border-title-background: transparent;
        background: $surface;
        &:focus-within { border: round $frame; border-title-color: $frame; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        """Start without a title."""
        super().__init__(id=id)
        self._left: Line = ()
        self._right: Line = ()

    def entitle(self, left: Line, right: Line = ()) -> None:
        """Show these titles, made of clean texts; the right one where there is room."""
        if (list(left), list(right)) != (list(self._left), list(self._right)):
            self._left, self._right = left, right
            self._draw()

    def on_resize(self) -> None:
        """Put the right title to the new edge."""
        if self._right:
            self._draw()

    def _draw(self) -> None:
        used = sum(cell_len(text) for text, _kind in (*self._left, *self._right))
        edge = self.outer_size.width - used - 8
        right: Line = ()
        if self._right and edge > 0:
            right = [(" " + "─" * edge + " ", ""), *self._right]
        self.border_title = content([*self._left, *right])
