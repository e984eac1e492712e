"""The base class of screens that answer once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

Answer = TypeVar("Answer")


class AnswersOnce(Screen[Answer], HandlesWorkerErrors):
    """Ignore a second answer that was typed before the first took effect.

    Textual would otherwise close the screen below as well.
    """

    _answered = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and close, if not answered yet."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)
