"""Parsing of the words after a verb, by rules common to all verbs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.shared.output import complain
from plashui.verbs.table import ENGINE, VERBS, synopsis

if TYPE_CHECKING:
    from typing import Any, NoReturn


def _in_80_columns(prog: str) -> argparse.HelpFormatter:
    """Format help for 80 columns. (Asking for the real width takes a millisecond.)"""
    return argparse.RawDescriptionHelpFormatter(prog, width=78)


def any_text(word: str) -> str:
    """Return the word: the `type` of an operand that may be empty."""
    return word


# Looking for translations of argparse's words, which ours lack, takes a millisecond.
argparse._ = any_text  # type: ignore[attr-defined]


class Parser(argparse.ArgumentParser):
    """A parser with the usage and help of a verb of the table; errors exit with 1.

    Two rules hold for every verb. An empty word is an error (unless its type is
    `any_text`): it mostly comes from an unset variable in a script, and as a path it
    would be the working directory. A word such as `-x` that is not an option of the
    verb is an operand.

    `does` replaces the table's sentence in the help.
    """

    def __init__(self, verb: str, does: str = "") -> None:
        self._wants_a_word: set[str] = set()
        entry = VERBS.get(verb) or ENGINE[verb]
        super().__init__(
            prog=f"plash {verb}",
            usage=synopsis(verb),
            description=does or entry.sentence(),
            epilog=f"example: {entry.command()}",
            allow_abbrev=False,
            formatter_class=_in_80_columns,
        )

    def add_argument(self, *names: str, **options: Any) -> argparse.Action:
        """Add an operand or an option, as argparse does."""
        wanted = options.get("type", str)
        if options.get("action", "store") in ("store", "append"):
            self._wants_a_word.update(names)
            if wanted is not any_text:
                options["type"] = lambda word: wanted(_not_empty(word))
        return super().add_argument(*names, **options)

    def parse_args(self, words: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        """Return the values of the words after a verb.

        Options may stand between operands. A word that begins with two dashes is an
        option, unless it contains a space; after the word `--` all are operands.
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
            elif (
                word == "-h"
                or (word.startswith("--") and " " not in word)
                or (word[:1] == "-" and word.partition("=")[0] in self._wants_a_word)
            ):
                options.append(word)
            else:
                operands.append(word)
        parsed, more = super().parse_known_args(
            [*options, *(["--", *operands] if operands else [])]
        )
        if "--" in more:
            more.remove("--")  # ours
        if more:
            self.error(f"unrecognized arguments: {' '.join(more)}")
        return parsed

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error; exit with 1."""
        self.print_usage(sys.stderr)
        complain(message)
        self.exit(1)


def _not_empty(word: str) -> str:
    if not word:
        raise argparse.ArgumentTypeError("it is empty")
    return word
