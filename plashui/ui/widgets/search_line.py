"""The line in which a search of paths is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from plashui.ui.widgets.text_field import TextField

PLACEHOLDER = "path; //text searches the content of files"


class SearchLine(TextField):
    """What is searched for; Enter goes to the matches, Esc ends the search."""

    DEFAULT_CSS = """
    SearchLine {
        height: 1;
        border: none;
        padding: 0 1;
        background: $boost;
        &:focus { border: none; background: $primary 20%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "End the search", show=False),
        Binding("down", "go", "To the matches", show=False),
    ]

    @dataclass
    class Ended(Message):
        """The search was given up."""

    @dataclass
    class Go(Message):
        """The matches are to be looked at."""

        text: str

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(placeholder=PLACEHOLDER)
        self.cursor_blink = False

    def action_give_up(self) -> None:
        """End the search."""
        self.post_message(self.Ended())

    def action_go(self) -> None:
        """Go to the matches."""
        self.post_message(self.Go(self.value))

    async def action_submit(self) -> None:
        """Go to the matches."""
        self.action_go()
