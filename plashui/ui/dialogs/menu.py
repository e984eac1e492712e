"""A menu: a list of entries, each chosen by its key, by Enter or by a click."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget

from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, text
from plashui.ui.model.action import shown_key
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.line_list import LineList


class Entry(NamedTuple):
    """What can be chosen: `value` is the answer; `about` is shown faint.

    `key` is Textual's name of the key that chooses it, '' for none.
    """

    value: str
    label: str
    key: str = ""
    about: str = ""


class Menu(Dialog[str]):
    """Choose one of some entries; None for none of them."""

    help_section = "Menus"
    DEFAULT_CSS = """
    Menu {
        & #entries { height: auto; max-height: 20; margin: 1 0; }
        & #buttons { display: none; }
    }
    """
    AUTO_FOCUS = "#entries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", show=False),
        Binding("q", "safe", "Back", show=False),
    ]

    def __init__(
        self, title: str, entries: Sequence[Entry], *, at: str = "", nothing: str = ""
    ) -> None:
        """Offer these entries; the cursor starts on the value `at`."""
        super().__init__()
        self.title_text = title
        self._entries, self._nothing = list(entries), nothing
        values = [entry.value for entry in entries]
        self._at = values.index(at) if at in values else 0

    def body(self) -> Iterable[Widget]:
        """Yield the list."""
        if self._entries:
            yield LineList(self._lines(), choose=True, id="entries")
        else:
            yield text(self._nothing)

    def on_mount(self) -> None:
        """Put the cursor where it starts."""
        for rows in self.query(LineList):
            rows.cursor = self._at
            self.fit(rows, 20)

    def _lines(self) -> list[Line]:
        keys = [shown_key(entry.key) for entry in self._entries]
        wide = max(map(len, keys), default=0)
        labels = max((len(clean(e.label)) for e in self._entries), default=0)
        return [
            (
                (f" {key:<{wide}}  ", "id"),
                (clean(entry.label).ljust(min(labels, 24)), ""),
                (f"  {clean(entry.about)}" if entry.about else "", "faint"),
            )
            for key, entry in zip(keys, self._entries, strict=True)
        ]

    def on_key(self, event: events.Key) -> None:
        """Choose the entry with this key."""
        for entry in self._entries:
            if entry.key and event.key == entry.key:
                event.stop()
                event.prevent_default()
                self.dismiss(entry.value)
                return

    def on_line_list_chosen(self) -> None:
        """Choose the entry that was double-clicked."""
        self.action_choose()

    def action_choose(self) -> None:
        """Choose the entry under the cursor."""
        rows = self.query(LineList)
        self.dismiss(self._entries[rows.first().cursor].value if rows else None)
