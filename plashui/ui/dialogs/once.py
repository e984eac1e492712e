"""A screen that answers once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from plashui.ui.widgets.worker_errors import Minding

Answer = TypeVar("Answer")


class AnswersOnce(Screen[Answer], Minding):
    """A second answer, typed before the first was acted on, is none.

    Textual would take the screen below away for it.
    """

    _answered = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer, and go."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)
