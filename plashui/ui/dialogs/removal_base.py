"""What the questions have in common of which the answer takes images away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.message import Message
from textual.widgets import Button, Static

from plashui.operations.remove import Removed
from plashui.ui.dialogs.base import Dialog
from plashui.ui.model.host import host_of


@dataclass(frozen=True)
class Done:
    """What was removed, and the topmost of it, which a restore takes."""

    removed: Removed
    tops: tuple[int, ...]


class TakingDialog(Dialog[Done]):
    """Ends as what it does in a thread ends; answers None if nothing was done.

    While it is done nothing can be edited and there is no way back: nobody would hear
    how it ended.
    """

    HELD: ClassVar[tuple[str, ...]] = ("#safe",)
    """What cannot be used meanwhile."""

    busy = False
    """Whether it is being done."""

    @dataclass
    class Trouble(Message):
        """It could not be planned, or not be done."""

        error: Exception

    @dataclass
    class Finished(Message):
        """It is done."""

        done: Done

    def be_busy(self, busy: bool) -> None:
        """Begin or cease to do it."""
        self.busy = busy
        for where in self.HELD:
            self.query_one(where).disabled = busy

    def say(self, where: str, words: str, *, wrong: bool = False) -> None:
        """Put words in one of the texts, which is not there without any."""
        place = self.query_one(where, Static)
        place.update(words)
        place.set_class(wrong, "wrong")
        place.display = bool(words)

    def action_safe(self) -> None:
        """Nothing goes, unless it is going already."""
        if not self.busy:
            self.dismiss(None)

    @on(Button.Pressed, "#safe")
    def back(self) -> None:
        """Nothing goes."""
        self.action_safe()

    @on(Trouble)
    def trouble(self, event: Trouble) -> None:
        """Say it and go back."""
        app = host_of(self)
        app.fail(event.error)
        self.dismiss(None)

    @on(Finished)
    def finished(self, event: Finished) -> None:
        """Done."""
        self.dismiss(event.done)
