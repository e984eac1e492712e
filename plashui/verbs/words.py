"""The words after a verb taken apart, and progress drawn while it works."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Final, NoReturn

from plashui.core.errors import PlashError
from plashui.core.progress import Pace, Progress
from plashui.core.text import clean
from plashui.verbs.output import complain, draws
from plashui.verbs.table import VERBS

_REDRAW: Final = 0.1  # seconds


def _in_80_columns(prog: str) -> argparse.HelpFormatter:
    """The same help wherever it is read. (To ask for the width takes a millisecond.)"""
    return argparse.RawDescriptionHelpFormatter(prog, width=78)


class Parser(argparse.ArgumentParser):
    """A parser that says what the table says of a verb, and whose errors exit with 1.

    `does` is for those that have more to say.
    """

    def __init__(self, verb: str, does: str = "") -> None:
        entry = VERBS.get(verb)
        example = entry.command() if entry else ""
        if entry:
            does = does or entry.sentence()
        super().__init__(
            prog=f"plash {verb}",
            usage=f"plash {verb} {entry.usage}".rstrip() if entry else None,
            description=does,
            epilog=f"example: {example}" if example else None,
            allow_abbrev=False,
            formatter_class=_in_80_columns,
        )

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """Take the words of the verb apart.

        A word with one dash in front that is not an option of the verb, like the name
        of a file, is an operand. After `--` all are.
        """
        takes = {
            option: action.nargs != 0
            for action in self._actions
            for option in action.option_strings
        }
        options: list[str] = []
        operands: list[str] = []
        left = list(words[::-1])
        while left:
            word = left.pop()
            name, equals, _value = word.partition("=")
            if word == "--":
                operands += left[::-1]
                break
            if name not in takes and not word.startswith("--"):
                operands.append(word)
                continue
            options.append(word)
            if takes.get(name) and not equals and left:
                options.append(left.pop())
        return super().parse_args([*options, *(["--", *operands] if operands else [])])

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how it is used; exit 1."""
        self.print_usage(sys.stderr)
        complain(message)
        self.exit(1)


def path(word: str) -> str:
    """The type of an operand that is a path: anything but an empty word.

    An empty one, most often a variable that is not set, would be taken for the working
    directory.
    """
    if not word:
        raise PlashError("an empty word is not a path", "Is a variable not set?")
    return word


class Meter:
    """Draws progress on stderr, in one line, if that is a terminal."""

    def __init__(self) -> None:
        self._on = draws(2)
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
