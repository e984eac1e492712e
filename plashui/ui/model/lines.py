"""A styled line of lists and pages, as a plain value; and cutting a text to a width."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

Line = Sequence[tuple[str, str]]
"""Pieces of text, each with its kind: '', 'strong', 'faint', 'id', 'warn', 'good',
'bad', 'bar'."""


def cut(text: str, room: int) -> str:
    """Return the text; if it is wider than `room` cells, cut with an ellipsis."""
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, room - 1) + "…"
