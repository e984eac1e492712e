"""Text for a terminal: foreign strings made harmless, bars, paths, lists of words."""

from __future__ import annotations

import os
from collections.abc import Iterable

from plashui.base.light import TYPE_CHECKING
from plashui.base.units import thousands

if TYPE_CHECKING:
    from typing import Final

_BLOCKS: Final = " ▏▎▍▌▋▊▉█"

# Printable according to Unicode, but invisible: fillers, joiners, selectors.
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_SHORT: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def clean(text: str | bytes) -> str:
    """Make foreign text harmless: escape every character that does not print.

    Those are control, bidi and other format characters, separators, lone surrogates
    (surrogateescape: bytes that are not UTF-8), unassigned and private characters.
    Bytes are decoded as UTF-8. A character keeps at most three combining marks.
    Square brackets stay: the caller must not parse the result as markup.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if text.isprintable() and text.isascii():
        return text
    return "".join(map(_escape, _few_marks(text)))


def _escape(char: str) -> str:
    if char.isprintable() and char not in _UNSEEN:
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8 (surrogateescape)
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return _SHORT.get(char) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _few_marks(text: str) -> str:
    import unicodedata

    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 3:
            kept.append(char)
    return "".join(kept)


def shown_path(path: str) -> str:
    """Shorten a path below $HOME to `~/...`."""
    home = os.environ.get("HOME", "")
    return f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path


def bar(fraction: float, width: int, beyond: float = 0.0) -> str:
    """Draw a bar of `width` cells, solid up to `fraction` and light up to `beyond`.

    Both are from 0 to 1; the solid part is exact to an eighth of a cell, the light
    part to a cell.
    """
    solid = round(max(0.0, min(1.0, fraction)) * width * 8)
    light = round(max(0.0, min(1.0, beyond)) * width)
    full, part = divmod(solid, 8)
    drawn = "█" * full + (_BLOCKS[part] if part else "")
    return drawn.ljust(light, "░").ljust(width)


def some(words: Iterable[str], room: int) -> str:
    """Join words by commas within `room` characters; say how many are left."""
    every = list(words)
    taken: list[str] = []
    left = room
    for word in every:
        if taken and len(word) + 2 > left:
            break
        taken.append(word if len(word) <= room else f"{word[: room - 1]}…")
        left -= len(word) + 2
    more = len(every) - len(taken)
    return ", ".join(taken) + (f" and {thousands(more)} more" if more else "")
