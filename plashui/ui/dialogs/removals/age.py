"""The dialog that asks for an age before old entries of the trash are deleted."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import parse_span, plural
from plashui.ui.dialogs.base import TAB_AT_ONCE, Dialog, button, text
from plashui.ui.model.images.row_cells import shown_size
from plashui.ui.model.trash_entries import Entry, removed_before, weight
from plashui.ui.widgets.text_field import TextField

_DAY: Final = 86400


class AgeScreen(Dialog[list[Entry]]):
    """Ask for an age; the answer is the entries that are older."""

    BINDINGS: ClassVar[list[BindingType]] = [*TAB_AT_ONCE]
    title_text = "Delete trash that is older than …"

    def __init__(self, entries: Iterable[Entry], wanted: float | None) -> None:
        """Choose from these; start with `wanted` (in seconds), or with 30 days."""
        super().__init__()
        self._entries = tuple(entries)
        self._days = (wanted or 30.0 * _DAY) / _DAY
        self._found: list[Entry] = []

    def body(self) -> Iterable[Widget]:
        """Field for an age, and a count of what is older."""
        field = TextField(
            f"{self._days:g}d", placeholder="e.g. 30d, 2w or 6mo", id="age"
        )
        field.cursor_blink = False
        yield field
        yield text("", name="sum")

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, next."""
        yield button("Back", "safe")
        yield button("Next", "on")

    def on_mount(self) -> None:
        """Focus the field."""
        self.set_focus(self.query_one(Input))

    @on(Input.Changed)
    def edited(self, event: Input.Changed) -> None:
        """Show how much is older."""
        try:
            age = parse_span(event.value)
            self._found = removed_before(self._entries, time.time() - age)
            count = plural(len(self._found), "removal")
            words = f"{count}, {shown_size(weight(self._found))}"
        except PlashError as error:
            self._found = []
            words = str(error)
        self.query_one("#sum", Static).update(clean(words))
        self.query_one("#on", Button).disabled = not self._found

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Answer as the button Next does."""
        if self._found:
            self.dismiss(self._found)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        self.dismiss(self._found if event.button.id == "on" else None)
