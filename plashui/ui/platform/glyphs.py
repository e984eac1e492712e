"""Filters for everything drawn: harmless text and, if wished, ASCII only.

Everything on the screen passes these filters. The rest of the app may use box drawing,
blocks, arrows and dots freely as long as each is one cell wide and has an entry here; a
sign without an entry becomes `?`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS: Final = {
    "-": "░─┄┅┈┉╌╴╶─\u2013—\u2012\u2212·¯▔",
    "_": "▁",
    "|": "▏│┃┆┇┊┋╎╏║╵╷╹╻▕",
    "+": "┌┍┎┏┐┑┒┓┘┙┚┛├┝┣┤┥┫┬┳┴┻┼╋╔╗╝╠╣╦╩╬╭╮╯╚╰▌✓✔",
    "`": "└┗",
    "#": "█▇▆▅▄▀▓▒▐▋▊▉▙▛▜▟■▪◼▮",
    ".": "▎▍▂▃□▫◻•∙⋅▖▗▘▝▚▞",
    "*": "●◉★✱",
    "!": "◆",
    "&": "∆",
    "%": "◐",
    "o": "○◌◇☆",
    ">": "▸▶►→\u203a»≥⇒⟩",
    "<": "◂◀◄←\u2039«≤⇐⟨",
    "^": "▴▲↑⇑",
    "v": "▾▼↓⇓",
    "x": "\u00d7✗✘",
    "~": "≈…",
    "=": "━╍═╸╺≡≠",
    "'": "\u2018\u2019\u2032",
    '"': "“”″",
    " ": "\u00a0\u2002\u2003\u2009\u200a\u202f",
}

ASCII: Final = {
    **{ord(sign): char for char, signs in _SIGNS.items() for sign in signs},
    ord("\N{RIGHT-POINTING MAGNIFYING GLASS}"): "> ",  # Textual's, in the palette
}
"""The ASCII replacement of each sign, for `str.translate`."""


_CUT: Final = re.compile("[ -~]?[!-/:-~]…| …")
"""Three dots, and what may give way to them where each is a cell of its own."""


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """Return the text in ASCII, at the same width.

    An ellipsis becomes dots that replace signs before it: `a long na…` becomes `a long
    ...`, `older than …` becomes `older than..`. At the start, or after a number, which
    would be wrong without its last digits, `…` becomes `~`.
    """
    if text.isascii():
        return text
    text = _CUT.sub(lambda cut: "." * len(cut[0]), text)
    known = text.translate(ASCII)
    if known.isascii():
        return known
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in known)


class AsciiOnly(LineFilter):
    """A line filter that lets only ASCII pass."""

    def apply(
        self,
        segments: list[Segment],
        background: Color,  # noqa: ARG002 - Textual's signature
    ) -> list[Segment]:
        """Return the segments in ASCII; each is as wide as before."""
        return [
            Segment(in_ascii(text), style, control) for text, style, control in segments
        ]


def harmless(text: str) -> str:
    """Return the text at the same width without anything that controls a terminal."""
    return "".join(c if c.isprintable() else "?" * cell_len(c) for c in text)


class Harmless(LineFilter):
    """The first line filter of the app: no control character reaches the terminal.

    Texts from outside are made readable with `clean` where they are shown. A field,
    however, shows what was pasted into it as it is.
    """

    def apply(
        self,
        segments: list[Segment],
        background: Color,  # noqa: ARG002 - Textual's signature
    ) -> list[Segment]:
        """Return the segments; nearly always they are the same."""
        if all(text.isprintable() for text, _style, _control in segments):
            return segments
        return [
            Segment(harmless(text), style, control) for text, style, control in segments
        ]
