"""The base class of screens that answer once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

Answer = TypeVar("Answer")


class AnswersOnce(Screen[Answer], HandlesWorkerErrors):
    """Ignore a second answer that was typed before the first took effect.

    Textual would otherwise close the screen below as well. An answer that comes while
    another screen is above waits until that is gone: Textual would close that one.
    """

    _answered = False
    _waits = False
    """Whether the answer waits, in `_late`."""
    _late: Answer | None = None

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and close, if not answered yet."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        if self.app.screen is not self:
            self._waits, self._late = True, result
            return AwaitComplete()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """Give the answer that waits."""
        if self._waits:
            self._waits = False
            super().dismiss(self._late)
