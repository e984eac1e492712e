"""A yes-or-no question; "no" is the safe answer."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Button

from plashui.base.errors import NameTaken
from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button, text


class Question(Dialog[bool]):
    """Ask a question; True only if "yes" was chosen. Shows text without markup."""

    def __init__(self, title: str, words: str, *, yes: str, no: str = "Back") -> None:
        """Ask with these words and buttons."""
        super().__init__()
        self.title_text = title
        self._words, self._yes, self._no = words, yes, no

    def body(self) -> Iterable[Widget]:
        """Yield the question."""
        yield text("\n".join(clean(line) for line in self._words.split("\n")))

    def buttons(self) -> Iterable[Button]:
        """Buttons: no, yes."""
        yield button(self._no, "no")
        yield button(self._yes, "yes", danger=True)

    def action_safe(self) -> None:
        """Answer no."""
        self.dismiss(False)

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        self.dismiss(event.button.id == "yes")


def take_question(taken: NameTaken) -> Question:
    """Return the question whether a name may be taken from its image."""
    words = f"Image {taken.image} is called {taken.name} and would lose that name."
    return Question("Take the name?", words, yes="Take the name")
