"""The base class of dialogs whose answer removes images."""

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
    """What was removed, and its topmost images, which a restore starts from."""

    removed: Removed
    tops: tuple[int, ...]


class TakingDialog(Dialog[Done]):
    """Carry out a removal in a thread; the answer is its result, None if cancelled.

    While it runs nothing can be edited and the dialog stays open: otherwise nobody
    would learn how the removal ended.
    """

    HELD: ClassVar[tuple[str, ...]] = ("#safe",)
    """Selectors of the widgets that are disabled while the removal runs."""

    busy = False
    """Whether the removal is running."""

    @dataclass
    class Trouble(Message):
        """The error for which planning or removing failed."""

        error: Exception

    @dataclass
    class Finished(Message):
        """The result of a removal that succeeded."""

        done: Done

    def be_busy(self, busy: bool) -> None:
        """Enter or leave the state in which the removal runs."""
        self.busy = busy
        for where in self.HELD:
            self.query_one(where).disabled = busy

    def say(self, where: str, words: str, *, wrong: bool = False) -> None:
        """Set one of the texts and show it unless it is empty."""
        place = self.query_one(where, Static)
        place.update(words)
        place.set_class(wrong, "wrong")
        place.display = bool(words)

    def action_safe(self) -> None:
        """Close without removing anything, unless a removal is running."""
        if not self.busy:
            self.dismiss(None)

    @on(Button.Pressed, "#safe")
    def back(self) -> None:
        """Close without removing anything."""
        self.action_safe()

    @on(Trouble)
    def trouble(self, event: Trouble) -> None:
        """Report the error and close."""
        app = host_of(self)
        app.fail(event.error)
        self.dismiss(None)

    @on(Finished)
    def finished(self, event: Finished) -> None:
        """Answer with the result."""
        self.dismiss(event.done)
