"""A check box: `[x] Include named images`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Tick(Widget, can_focus=True):
    """A check box with words; space, Enter or a click switch it."""

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
        """The box was switched."""

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
        """Draw the box and the words."""
        return Content(f"[{'x' if self.ticked else ' '}] {self.words}")

    def action_switch(self) -> None:
        """Switch the box."""
        self.ticked = not self.ticked
        self.refresh()
        self.post_message(self.Changed(self.ticked))

    def on_click(self, event: events.Click) -> None:
        """Switch the box."""
        event.stop()
        self.action_switch()
