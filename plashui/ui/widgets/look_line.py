"""A text that says what was found out about the values of a form."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Final

from textual import on
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from plashui.base import log as logfile
from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.ui.model.forms.form import Field, Look, Looked

PAUSE: Final = 0.7
"""Seconds without a key before anything is looked up: a registry counts requests."""


class LookLine(Static):
    """Looks up in a thread, and shows the answer; hidden if there is nothing to say."""

    DEFAULT_CSS = """
    LookLine { height: auto; max-height: 5; margin-top: 1; color: $dim; }
    """

    @dataclass
    class Offered(Message):
        """Values to offer for a field."""

        field: str
        values: Sequence[str]

    @dataclass
    class Asks(Message):
        """Fields that are asked for, too."""

        fields: Sequence[Field]

    @dataclass
    class Answered(Message):
        """The answer to a look, or why there is none."""

        look: Look
        answer: Looked | str

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__(id="look", markup=False)
        self.display = False
        self._look: Look | None = None
        self.details: tuple[str, ...] = ()
        """More of the answer that is shown; () for nothing."""
        self._cancel = Cancel()
        self._waiting: Timer | None = None

    @property
    def subject(self) -> str:
        """What is looked up."""
        return self._look.what if self._look else ""

    def ask(self, look: Look | None) -> None:
        """Look this up after a pause; what was asked before counts no more."""
        before = self._look
        same = look and before and (look.what, look.key) == (before.what, before.key)
        if look == before or same:
            return
        self.stop()
        self._look, self.details = look, ()
        self.display = False
        if look is not None:
            self._waiting = self.set_timer(PAUSE, self._start)

    def stop(self) -> None:
        """Look up nothing any more."""
        self._look = None
        self._cancel.set()
        if self._waiting is not None:
            self._waiting.stop()

    def on_unmount(self) -> None:
        """Nobody waits for the answer."""
        self.stop()

    def _start(self) -> None:
        look = self._look
        if look is None:
            return
        cancel = self._cancel = Cancel()
        self._show(f"looking for {look.what} …")

        def answer(found: Looked | str) -> None:
            with suppress(RuntimeError):  # the app has ended
                self.post_message(self.Answered(look, found))

        def find() -> None:
            try:
                for found in look.find(cancel):
                    answer(found)
            except (PlashError, OSError) as error:
                answer(str(error))
            except Exception as error:
                logfile.note(error, look.what)
                answer(f"{type(error).__name__}: {error}")

        Thread(target=find, name="look", daemon=True).start()

    @on(Answered)
    def answered(self, event: Answered) -> None:
        """Show the answer if it is still asked for."""
        event.stop()
        if event.look is not self._look:
            return
        if isinstance(event.answer, Looked):
            self.details = event.answer.details
            more = [f"ctrl+o shows {event.look.details}"] if self.details else []
            self._show("\n".join([*event.answer.lines, *more]))
            if event.answer.fields is not None:
                self.post_message(self.Asks(event.answer.fields))
            for field, values in event.answer.offers.items():
                self.post_message(self.Offered(field, values))
        else:
            self._show(event.answer)

    def _show(self, words: str) -> None:
        self.update("\n".join(clean(line) for line in words.split("\n")))
        self.display = True
