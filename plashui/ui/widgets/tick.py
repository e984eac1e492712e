"""Something that is wanted or not: `[x] named ones too`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Tick(Widget, can_focus=True):
    """A box with words beside it; space, enter or a click tick it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Tick {
        height: 1;
        width: auto;
        padding: 0 1;
        &:focus { background: $primary; color: $background; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "switch", "Tick", show=False)
    ]

    @dataclass
    class Changed(Message):
        """It is ticked by now, or not any more."""

        ticked: bool

    def __init__(
        self,
        words: str,
        *,
        ticked: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Show these (clean) words."""
        super().__init__(id=id)
        self.words = words
        self.ticked = ticked

    def render(self) -> Content:
        """The box and the words."""
        return Content(f"[{'x' if self.ticked else ' '}] {self.words}")

    def action_switch(self) -> None:
        """Tick it, or no longer."""
        self.ticked = not self.ticked
        self.refresh()
        self.post_message(self.Changed(self.ticked))

    def on_click(self, event: events.Click) -> None:
        """The same by mouse."""
        event.stop()
        self.action_switch()
