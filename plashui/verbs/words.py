"""The words after a verb taken apart, and progress drawn while it works."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Final, NoReturn

from plashui.core.progress import Pace, Progress
from plashui.core.text import clean

_REDRAW: Final = 0.1  # seconds


class Parser(argparse.ArgumentParser):
    """A parser whose usage says `plash VERB` and whose errors exit with 1."""

    def __init__(self, verb: str, does: str, example: str = "") -> None:
        epilog = f"example: {example}" if example else None
        super().__init__(
            prog=f"plash {verb}",
            description=does,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how it is used; exit 1."""
        self.print_usage(sys.stderr)
        self.exit(1, f"plash error: {clean(message)}\n")


class Meter:
    """Draws progress on stderr, in one line, if that is a terminal."""

    def __init__(self) -> None:
        self._on = os.isatty(2)
        self._last = 0.0
        self._pace = Pace()
        self._drawn = False

    def __call__(self, progress: Progress) -> None:
        """Draw it, at most ten times a second."""
        now = time.monotonic()
        if not self._on or now - self._last < _REDRAW:
            return
        self._last = now
        text = self._pace.words(progress)
        sys.stderr.write(f"\r\x1b[K{clean(progress.what)}: {text}")
        sys.stderr.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __enter__(self) -> Meter:
        """Draw while the block runs."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave a clean line behind."""
        self.clear()
