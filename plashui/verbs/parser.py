"""The words after a verb, taken apart by the rules that hold for every verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.output import complain
from plashui.verbs.table import ENGINE, VERBS, synopsis

if TYPE_CHECKING:
    from typing import Any, NoReturn


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
