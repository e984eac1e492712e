"""A widget to choose one of several options in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """Options side by side; left and right or a click choose one."""

    ALLOW_SELECT = False
    HELP = "A choice: left and right, or a click."
    DEFAULT_CSS = """
    Choice {
        height: 1;
        width: 1fr;
        padding: 0 1;
        background: $field;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    Choice:focus { background: $primary 30%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "choose(-1)", "Before", show=False),
        Binding("right,l,space", "choose(1)", "Next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another option was chosen."""

        choice: Choice

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Offer these values, each with its label."""
        super().__init__(id=id)
        self._options = list(options)
        values = [option for option, _label in options]
        self._at = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._options[self._at][0]

    def render(self) -> Content:
        """Draw all options or, where they do not fit, the chosen one between arrows."""
        pieces = [
            f"{'●' if at == self._at else '○'} {label}"
            for at, (_value, label) in enumerate(self._options)
        ]
        if cell_len("  ".join(pieces)) > self.content_size.width:
            label = self._options[self._at][1]
            place = f"{self._at + 1} of {len(self._options)}"
            return Content.assemble("◂ ", (label, "bold"), " ▸  ", (place, "dim"))
        styled: list[str | tuple[str, str]] = []
        for at, piece in enumerate(pieces):
            styled += [(piece, "bold" if at == self._at else ""), "  "]
        return Content.assemble(*styled[:-1])

    def action_choose(self, by: int) -> None:
        """Choose the next option, or the previous one."""
        self._choose((self._at + by) % len(self._options))

    def on_click(self, event: events.Click) -> None:
        """Choose the option that was clicked; the next if only one is shown."""
        at = 0
        whole = sum(cell_len(label) + 4 for _value, label in self._options) - 2
        if whole > self.content_size.width:
            self.action_choose(1)
            return
        for number, (_value, label) in enumerate(self._options):
            at += cell_len(label) + 4
            if event.x - 1 < at:
                self._choose(number)
                return

    def _choose(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.refresh()
            self.post_message(self.Changed(self))
