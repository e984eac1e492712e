"""A field for a path, with completion."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import SuggestionReady

from plashui.ui.widgets.text_field import TextField

BREATH: Final = 256
"""Entries after which others may run, and it is seen whether anybody still waits."""


def _directory(typed: str) -> str:
    """Return the directory part of what was typed; '' for the current one."""
    directory, slash, _start = typed.rpartition("/")
    return directory or slash


def completion(
    typed: str, stale: Callable[[], bool] = lambda: False, *, directories: bool = False
) -> str | None:
    """Return the path that starts with what was typed, None if there is none.

    With `directories` only directories are considered. Names that cannot be displayed
    as they are (control characters, broken UTF-8) are never suggested. This reads the
    disk and may take long; it stops once it is `stale`.
    """
    if not typed:
        return None
    directory = _directory(typed)
    start = typed.rpartition("/")[2]
    best: os.DirEntry[str] | None = None
    try:
        with os.scandir(Path(directory or ".").expanduser()) as entries:
            for count, entry in enumerate(entries):
                if count % BREATH == 0:
                    time.sleep(0)  # Python lets one thread run at a time
                    if stale():
                        return None
                name = entry.name
                if (
                    name.startswith(start)
                    and (best is None or name < best.name)
                    and name.isprintable()
                    and (start or not name.startswith("."))
                    and (not directories or entry.is_dir())
                ):
                    best = entry
        if best is None:
            return None
        end = best.name[len(start) :] + ("/" if best.is_dir() else "")
    except (OSError, RuntimeError, ValueError):  # unknown home, or a NUL in the path
        return None
    return typed + end if end else None


class PathInput(TextField):
    """A field for a path; Tab completes it, or leaves the field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False, priority=True)
    ]

    @dataclass
    class Found(Message):
        """The completion of what was typed, None if there is none."""

        directory: str
        typed: str
        done: str | None

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str,
        id: str,  # noqa: A002 - Textual's word
        directories: bool = False,
    ) -> None:
        """Start with `value`; `directories` completes directories only."""
        super().__init__(value, placeholder=placeholder, id=id)
        self.cursor_blink = False
        self._directories = directories
        self._reading: set[str] = set()
        """Directories that have not answered yet."""
        self._known: tuple[str, str | None] = ("", None)
        self._tabbed: str | None = None
        """The text at the time of a Tab that still waits for a completion."""

    def watch_value(self) -> None:
        """Look for a completion."""
        if self.is_running:
            self._look()

    def _look(self) -> None:
        """Read the disk in a thread, one request per directory at a time.

        The threads are our own: on a mount that hangs, a worker would be blocked
        forever and the app would wait for it when it quits.
        """
        typed, directory = self.value, _directory(self.value)
        if typed == self._known[0] or directory in self._reading:
            return
        self._reading.add(directory)

        def ask() -> None:
            stale = lambda: self.value != typed  # noqa: E731
            done = completion(typed, stale, directories=self._directories)
            with suppress(RuntimeError):  # the app has ended
                self.post_message(self.Found(directory, typed, done))

        Thread(target=ask, name="completion", daemon=True).start()

    @on(Found)
    def found(self, event: Found) -> None:
        """Show the completion if the text is still the same."""
        event.stop()
        self._reading.discard(event.directory)
        if event.typed != self.value:
            self._look()
            return
        self._known = (event.typed, event.done)
        if event.done:
            self.post_message(SuggestionReady(event.typed, event.done))
        if self._tabbed == event.typed and self.has_focus and self.cursor_at_end:
            self._take()

    def action_complete(self) -> None:
        """Accept the completion; a second Tab while searching leaves the field."""
        typed = self.value
        known = not typed or typed == self._known[0]
        if known or not self.cursor_at_end or self._tabbed == typed:
            self._take() if known and self.cursor_at_end else self._leave()
            return
        self._tabbed = typed
        self._look()

    def _take(self) -> None:
        done = self._known[1]
        if done is None:
            self._leave()
            return
        self._tabbed = None
        self.value = done
        self.cursor_position = len(done)

    def _leave(self) -> None:
        self._tabbed = None
        self.app.action_focus_next()
