"""The words after a verb taken apart, and progress drawn while it works."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Pace, Progress
from plashui.base.terminal_text import clean
from plashui.verbs.output import complain, draws
from plashui.verbs.table import VERBS

if TYPE_CHECKING:
    from typing import Any, Final, NoReturn

_REDRAW: Final = 0.1  # seconds


def _in_80_columns(prog: str) -> argparse.HelpFormatter:
    """The same help wherever it is read. (To ask for the width takes a millisecond.)"""
    return argparse.RawDescriptionHelpFormatter(prog, width=78)


def any_text(word: str) -> str:
    """The `type` of a word that may be empty, since that says something there."""
    return word


class Parser(argparse.ArgumentParser):
    """A parser that says what the table says of a verb, and whose errors exit with 1.

    Two rules hold for every verb. A word is not empty (unless its type is `any_text`):
    an unset variable of a script looks like that, and as a path it would be the working
    directory. A word such as `-x` that is not an option of the verb is an operand.

    `does` is for verbs that have more to say.
    """

    def __init__(self, verb: str, does: str = "") -> None:
        self._wants_a_word: set[str] = set()
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

    def add_argument(self, *names: str, **options: Any) -> argparse.Action:
        """Add an operand or an option, as argparse does."""
        wanted = options.get("type", str)
        if "action" not in options:
            self._wants_a_word.update(names)
            if wanted is not any_text:
                options["type"] = lambda word: wanted(_not_empty(word))
        return super().add_argument(*names, **options)

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """The values of the words after a verb.

        Options may stand between operands. A word that begins with two dashes is an
        option, unless it has a space; behind the word `--` all are operands.
        """
        options: list[str] = []
        operands: list[str] = []
        left = list(reversed(words))
        while left:
            word = left.pop()
            if word == "--":
                operands += reversed(left)
                break
            if word in self._wants_a_word and word.startswith("-") and left:
                options.append(f"{word}={left.pop()}")
            elif word == "-h" or (word.startswith("--") and " " not in word):
                options.append(word)
            else:
                operands.append(word)
        return super().parse_args([*options, *(["--", *operands] if operands else [])])

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how it is used; exit 1."""
        self.print_usage(sys.stderr)
        complain(message)
        self.exit(1)


def _not_empty(word: str) -> str:
    if not word:
        raise argparse.ArgumentTypeError("it is empty")
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
