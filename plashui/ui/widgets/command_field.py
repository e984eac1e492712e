"""A field for a command that recalls earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import SuggestFromList

from plashui.ui.widgets.text_field import TextField


class CommandField(TextField):
    """A field for a command line; up and down recall earlier ones, as in a shell."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "before(1)", "The one before", show=False),
        Binding("down", "before(-1)", "The one after", show=False),
    ]

    def __init__(
        self,
        history: Sequence[str],
        value: str = "",
        *,
        placeholder: str,
        id: str,  # noqa: A002 - Textual's word
    ) -> None:
        """Offer these commands, latest first."""
        suggester = SuggestFromList(history) if history else None
        super().__init__(value, placeholder=placeholder, id=id, suggester=suggester)
        self.cursor_blink = False
        self._history = list(history)
        self._at = -1
        self._typed = value

    def action_before(self, by: int) -> None:
        """Recall an earlier command; beyond the first or the latest leave the field."""
        at = self._at + by
        if at < -1:
            self.app.action_focus_next()
            return
        if at >= len(self._history):
            self.app.action_focus_previous()
            return
        if self._at < 0:
            self._typed = self.value
        self._at = at
        self.value = self._typed if at < 0 else self._history[at]
        self.cursor_position = len(self.value)
