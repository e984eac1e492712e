"""Progress, drawn on stderr while a verb works."""

from __future__ import annotations

import sys
import time
from os import get_terminal_size

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Pace, Progress
from plashui.base.terminal_text import clean
from plashui.verbs.shared.output import draws

if TYPE_CHECKING:
    from typing import Final

_REDRAW: Final = 0.1  # seconds


class Meter:
    """Draws progress on stderr, in one line, if that is a terminal."""

    def __init__(self) -> None:
        self._on = draws(2)
        self._last = 0.0
        self._pace = Pace()
        self._drawn = False

    def __call__(self, progress: Progress) -> None:
        """Draw a report, at most ten times a second."""
        now = time.monotonic()
        if not self._on or now - self._last < _REDRAW:
            return
        self._last = now
        what, text = clean(progress.what), f": {self._pace.words(progress)}"
        room = max(1, (get_terminal_size(2).columns or 80) - 1 - len(text))
        if len(what) > room:
            what = f"{what[: room - 1]}…"
        sys.stderr.write(f"\r\x1b[K{what}{text}")
        sys.stderr.flush()
        self._drawn = True

    def clear(self) -> None:
        """Erase the line."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __enter__(self) -> Meter:
        """Draw while the block runs."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Erase the line."""
        self.clear()
