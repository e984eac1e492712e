"""How old what is in the trash must be to go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual import on
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import parse_span, plural
from plashui.store.store import Store
from plashui.ui.dialogs.base import Dialog, button, text
from plashui.ui.model.row_cells import shown_size
from plashui.ui.model.trash_entries import Entry, all_in_trash, weight

_DAY: Final = 86400


class AgeScreen(Dialog[list[Entry]]):
    """Answers what is older; None = nothing was asked for."""

    title_text = "Free what is in the trash for longer than …"

    def __init__(self, store: Store, wanted: float | None) -> None:
        """Start with an age in seconds, 30 days without one."""
        super().__init__()
        self._store = store
        self._days = (wanted or 30.0 * _DAY) / _DAY
        self._found: list[Entry] = []

    def body(self) -> Iterable[Widget]:
        """An age, and what is so old."""
        field = Input(f"{self._days:g}d", placeholder="as in 30d, 2w or 6mo", id="age")
        field.cursor_blink = False
        yield field
        yield text("", name="sum")

    def buttons(self) -> Iterable[Button]:
        """Back, on."""
        yield button("Back", "safe")
        yield button("Go on", "on")

    def on_mount(self) -> None:
        """Look what is so old."""
        self.set_focus(self.query_one(Input))

    @on(Input.Changed)
    def edited(self, event: Input.Changed) -> None:
        """Say what is so old."""
        try:
            age = parse_span(event.value)
            self._found = all_in_trash(self._store, older=age)
            count = plural(len(self._found), "removal")
            words = f"{count}, {shown_size(weight(self._found))}"
        except (PlashError, OSError) as error:
            self._found = []
            words = str(error)
        self.query_one("#sum", Static).update(clean(words))
        self.query_one("#on", Button).disabled = not self._found

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter goes on, to the question."""
        if self._found:
            self.dismiss(self._found)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        self.dismiss(self._found if event.button.id == "on" else None)
