"""The dialog in which any verb is typed, with completion."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, text
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.command_field import CommandField
from plashui.ui.widgets.line_list import LineList

_MOST: int = 8
"""Rows of words that fit."""

ABOUT = "Tab completes · {id} {name} {dir}: the image here · a number goes to that id"


class Word(NamedTuple):
    """A word that fits, and its description."""

    word: str
    about: str


def words_of(typed: str) -> list[str]:
    """Split what was typed as a shell does, with a last word that may be open."""
    try:
        words = shlex.split(typed)
    except ValueError:  # a quote is open
        words = typed.split()
    if not typed or typed[-1].isspace():
        words.append("")
    return words[1:] if words[0] in ("plash", "plashui") and words[1:] else words


def fitting(words: Sequence[str], root: str) -> list[Word]:
    """Ask the program what could replace the last word, as a shell does. Slow."""
    from plashui.helper.command import environment_for, finish

    environment = environment_for(root)
    done = finish(["completion", "--words", *words], environment=environment)
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()[1:]
    return [Word(*line.partition("\t")[::2]) for line in lines]


class CommandLine(Dialog[str]):
    """Type a command line of `plash`; the answer is the line."""

    DEFAULT_CSS = """
    CommandLine {
        align: center bottom;
        & #box { width: 100%; max-width: 100%; }
        & #words { height: auto; max-height: 8; }
        & #buttons { display: none; }
    }
    """
    title_text = "plash"
    AUTO_FOCUS = "#typed"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]

    @dataclass
    class Fitting(Message):
        """The words that fit what was typed."""

        typed: str
        words: list[Word]

    def __init__(self, root: str, history: Sequence[str] = ()) -> None:
        """Complete for the store at `root`; `history` has the latest line first."""
        super().__init__()
        self._root, self._history = root, history
        self._words: list[Word] = []
        self._fitted = ""  # what was typed when `_words` fitted

    def body(self) -> Iterable[Widget]:
        """Yield the field, and the words that fit."""
        yield CommandField(self._history, placeholder="a verb, e.g. ls", id="typed")
        rows = LineList((), choose=True, id="words")
        rows.can_focus = False
        yield rows
        yield text(ABOUT, "hint")

    def on_mount(self) -> None:
        """Show all verbs."""
        self._ask("")

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Look for the words that fit."""
        self._ask(event.value)

    @work(thread=True, exclusive=True, group="fitting", exit_on_error=False)
    def _ask(self, typed: str) -> None:
        self.post_message(self.Fitting(typed, fitting(words_of(typed), self._root)))

    @on(Fitting)
    def fit_words(self, event: Fitting) -> None:
        """Show the words unless something else was typed."""
        if event.typed != self.query_one(Input).value:
            return
        self._words, self._fitted = event.words, event.typed
        rows = self.query_one(LineList)
        rows.show([_row(word) for word in event.words])
        self.fit(rows, _MOST)

    def action_complete(self) -> None:
        """Put the first word that fits into the field, or what all have in common."""
        field = self.query_one(Input)
        last = words_of(field.value)[-1]
        since = field.value[len(self._fitted) :]
        if not field.value.startswith(self._fitted) or len(since.split(" ")) > 1:
            return  # those that fit come later
        words = [word for word in self._words if word.word.startswith(last)]
        if not words:
            return
        common = _common([word.word for word in words])
        whole = len(words) == 1
        new = common if len(common) > len(last) or whole else words[0].word
        quoted = new if new == shlex.quote(new) or not whole else shlex.quote(new)
        before = field.value[: len(field.value) - len(last)]
        field.value = before + quoted + (" " if new in map(_text, words) else "")
        field.cursor_position = len(field.value)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Answer with the line."""
        line = self.query_one(Input).value.strip()
        self.dismiss(line or None)


def _text(word: Word) -> str:
    return word.word


def _common(words: Sequence[str]) -> str:
    """Return what all words begin with."""
    first, last = min(words), max(words)
    same = next((i for i, c in enumerate(first) if last[i : i + 1] != c), len(first))
    return first[:same]


def _row(word: Word) -> Line:
    return (f" {clean(word.word):<20}", "strong"), (f"  {clean(word.about)}", "faint")
