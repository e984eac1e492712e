"""Thin bars and sparklines, as pieces of text with their kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

FULL: Final = "━"
HALF: Final = "╸"
TRACK: Final = "─"
STEPS: Final = "▁▂▃▄▅▆▇█"


def thin_bar(
    share: float, width: int, kind: str, beyond: float = 0.0, beyond_kind: str = ""
) -> list[tuple[str, str]]:
    """Draw a bar of `width` cells, bright up to `share` and dim up to `beyond`.

    Both are from 0 to 1 and exact to half a cell; what is there at all is seen.
    """
    bright = _halves(share, width)
    dim = max(bright, _halves(beyond, width)) if beyond_kind else bright
    pieces: list[tuple[str, str]] = []
    full, half = divmod(bright, 2)
    if bright:
        pieces.append((FULL * full + HALF * half, kind))
    rest, more = divmod(dim - 2 * (full + half), 2)
    if dim > 2 * (full + half):
        pieces.append((FULL * rest + HALF * more, beyond_kind))
    used = full + half + (rest + more if dim > 2 * (full + half) else 0)
    return [*pieces, (TRACK * (width - used), "track")]


def _halves(share: float, width: int) -> int:
    """Return how many halves of a cell a share takes; at least one if it is not 0."""
    if share <= 0:
        return 0
    return max(1, round(min(1.0, share) * width * 2))


def spark(values: Sequence[float], most: float = 0.0) -> str:
    """Draw one column for each value, the highest being `most` or the greatest."""
    top = max(most, *values, 0.0) if values else 0.0
    if top <= 0:
        return STEPS[0] * len(values)
    last = len(STEPS) - 1
    return "".join(STEPS[min(last, round(value / top * last))] for value in values)
