"""The filter field, and the hint below it."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from plashui.base.terminal_text import clean
from plashui.ui.model.images.filter import HINT
from plashui.ui.widgets.text_field import TextField

NOTHING: Final = "No match - {} clears the filter"


class FilterHint(Widget):
    """One line: what is wrong, that nothing matches, or the words of the filter."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FilterHint {
        height: 1;
        padding: 0 1;
        background: $boost;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, trouble: str, back: str) -> None:
        """Start with this problem; `back` is the key that clears the filter."""
        super().__init__()
        self._trouble, self._back = trouble, back
        self._nothing = self._words = False

    def on_mount(self) -> None:
        """Hide the line while it is empty."""
        self._settle()

    def say(self, trouble: str, *, nothing: bool) -> None:
        """Show this problem, or that nothing matches."""
        self._trouble, self._nothing = trouble, nothing
        self._settle()

    def open(self, words: bool) -> None:
        """Show the words of the filter, or only problems."""
        self._words = words
        self._settle()

    def render(self) -> Content:
        """Draw the line."""
        if self._trouble:
            return Content.assemble((f"! {clean(self._trouble)}", "$text-warning"))
        if self._nothing:
            words = NOTHING.format("esc" if self._words else self._back)
            return Content.assemble((words, "$text-warning"))
        return Content.assemble((HINT, "$dim"))

    def _settle(self) -> None:
        self.display = self._words or self._nothing or bool(self._trouble)
        self.refresh()


class FilterBar(TextField):
    """The filter field; Enter moves to the tree, Esc clears the filter."""

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
        Binding("escape", "screen.do('back')", "Show all", show=False),
    ]

    def __init__(self, needle: str, trouble: str, back: str) -> None:
        """Start with this filter; `back` is the key that clears it from the tree."""
        super().__init__(clean(needle), placeholder="filter: name, origin, id or …")
        self.cursor_blink = False
        self.hint = FilterHint(trouble, back)

    def on_focus(self) -> None:
        """Show what can be typed."""
        self.hint.open(words=True)

    def on_blur(self) -> None:
        """Show only problems."""
        self.hint.open(words=False)
