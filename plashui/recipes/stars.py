"""Patterns with stars as regular expressions that try no place twice."""

from __future__ import annotations

from collections.abc import Sequence


def starred(pieces: Sequence[str], *, longest: bool = True) -> str:
    """Return the expression for pieces of a pattern with a star between each two.

    However many stars there are: what stands between two of them is taken where it
    comes first, and not tried elsewhere. The last star takes the longest text, or the
    shortest.
    """
    first, *rest = pieces
    if not rest:
        return first
    between = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return f"{first}{between}{'.*' if longest else '.*?'}{rest[-1]}"
