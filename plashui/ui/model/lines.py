"""A styled line of lists and pages, as a plain value."""

from __future__ import annotations

from collections.abc import Sequence

Line = Sequence[tuple[str, str]]
"""Pieces of text, each with its kind: '', 'strong', 'faint', 'id', 'warn', 'good',
'bad', 'bar'."""
