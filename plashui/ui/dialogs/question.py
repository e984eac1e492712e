"""Yes or no, with no as the safe answer."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Button

from plashui.base.errors import NameTaken
from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button, text


class Question(Dialog[bool]):
    """Answers True only if that was chosen; the words may come from outside."""

    def __init__(self, title: str, words: str, *, yes: str, no: str = "Back") -> None:
        """Ask this."""
        super().__init__()
        self.title_text = title
        self._words, self._yes, self._no = words, yes, no

    def body(self) -> Iterable[Widget]:
        """What is asked."""
        yield text("\n".join(clean(line) for line in self._words.split("\n")))

    def buttons(self) -> Iterable[Button]:
        """No, yes."""
        yield button(self._no, "no")
        yield button(self._yes, "yes", danger=True)

    def action_safe(self) -> None:
        """No."""
        self.dismiss(False)

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        """Done."""
        self.dismiss(event.button.id == "yes")


def take_question(taken: NameTaken) -> Question:
    """Whether a name may leave the image that has it."""
    words = f"{taken.name} is the name of image {taken.image}, which would lose it."
    return Question("Take the name?", words, yes="Take the name")
