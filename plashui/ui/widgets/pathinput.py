"""A field for a path, which completes it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

MOST: Final = 10_000
"""Entries of a directory that are looked at."""


def completion(typed: str) -> str | None:
    """The path that begins with what was typed, None if there is none.

    Names that cannot be shown as they are (control characters, broken UTF-8) are
    never suggested.
    """
    if not typed:
        return None
    directory, _slash, start = typed.rpartition("/")
    place = Path(directory or ("/" if typed.startswith("/") else ".")).expanduser()
    try:
        with os.scandir(place) as entries:
            found = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for _, entry in zip(range(MOST), entries, strict=False)
                if entry.name.startswith(start)
                and entry.name.isprintable()
                and (start or not entry.name.startswith("."))
            )
    except OSError:
        return None
    if not found:
        return None
    return typed[: len(typed) - len(start)] + found[0]


class PathSuggester(Suggester):
    """Suggests the first file or directory that fits."""

    def __init__(self) -> None:
        """Ask the disk each time, case matters."""
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The completed path."""
        done = completion(value)
        return done if done != value else None


class PathInput(Input):
    """A path; Tab takes the completion, or leaves the field if there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False, priority=True)
    ]

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str,
        id: str,  # noqa: A002 - Textual's word
    ) -> None:
        """Start with this."""
        suggester = PathSuggester()
        super().__init__(value, placeholder=placeholder, id=id, suggester=suggester)
        self.cursor_blink = False

    def action_complete(self) -> None:
        """Take the completion."""
        done = completion(self.value) if self.cursor_at_end else None
        if done and done != self.value:
            self.value = done
            self.cursor_position = len(done)
        else:
            self.app.action_focus_next()
