"""A styled line, as lists and pages show it: a plain value."""

from __future__ import annotations

from collections.abc import Sequence

Line = Sequence[tuple[str, str]]
"""Pieces of text, each with its kind: '', 'strong', 'faint', 'id', 'warn', 'good',
'bad', 'bar'."""
