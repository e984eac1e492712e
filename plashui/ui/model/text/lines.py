"""A styled line of lists and pages, as a plain value; and cutting a text to a width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len, set_cell_size

Line = Sequence[tuple[str, str]]
"""Pieces of text, each with its kind: '', 'strong', 'faint', 'id', 'warn', 'good',
'bad', 'bar'."""


def highlighted(text: str, words: Iterable[str], kind: str, found: str) -> Line:
    """Split a text so that each place where a word is (in any case) is `found`."""
    folded = text.casefold()
    if len(folded) != len(text):  # a few letters fold to several
        folded = text.lower() if len(text.lower()) == len(text) else text
    marks = bytearray(len(text))
    for word in words:
        at = folded.find(word) if word else -1
        while at >= 0:
            marks[at : at + len(word)] = b"x" * len(word)
            at = folded.find(word, at + len(word))
    pieces: list[tuple[str, str]] = []
    for mark, group in groupby(zip(text, marks, strict=True), key=itemgetter(1)):
        letters = "".join(letter for letter, _mark in group)
        pieces.append((letters, found if mark else kind))
    return pieces


def cut(text: str, room: int) -> str:
    """Return the text; if it is wider than `room` cells, cut with an ellipsis."""
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(0, room - 1)) + "…"
