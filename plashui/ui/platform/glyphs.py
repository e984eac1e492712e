"""What may reach the terminal: nothing that acts on it; if so wished, ASCII only.

All that is on the screen goes through one filter, whatever drew it. So nobody else has
to know: box drawing, blocks, arrows and dots are used freely, as long as each is one
cell wide and has an entry here (a sign without one becomes `?`).
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
    "-": "░─━┄┅┈┉╌╍═╴╶╸╺─\u2013—\u2012\u2212·¯▔",
    "_": "▁",
    "|": "│┃┆┇┊┋╎╏║╵╷╹╻▕",
    "+": "┌┍┎┏┐┑┒┓┘┙┚┛├┝┣┤┥┫┬┳┴┻┼╋╔╗╝╠╣╦╩╬╭╮╯╚╰▌✓✔",
    "`": "└┗",
    "#": "█▇▆▅▄▀▓▒▐▋▊▉▙▛▜▟■▪◼▮",
    ".": "▏▎▍▂▃□▫◻•∙⋅▖▗▘▝▚▞",
    "*": "●◉★✱",
    "!": "◆",
    "&": "∆",
    "o": "○◌◇☆",
    ">": "▸▶►→\u203a»≥⇒⟩",
    "<": "◂◀◄←\u2039«≤⇐⟨",
    "^": "▴▲↑⇑",
    "v": "▾▼↓⇓",
    "x": "\u00d7✗✘",
    "~": "≈…",
    "=": "≡≠",
    "'": "\u2018\u2019\u2032",
    '"': "“”″",
    " ": "\u00a0\u2002\u2003\u2009\u200a\u202f",
}

ASCII: Final = {
    **{ord(sign): char for char, signs in _SIGNS.items() for sign in signs},
    ord("\N{RIGHT-POINTING MAGNIFYING GLASS}"): "> ",  # Textual's, in the palette
}
"""What each sign becomes, for `str.translate`."""


_CUT: Final = re.compile("[ -~]?[!-/:-~]…| …")
"""Three dots, and what may give way to them where each is a cell of its own."""


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """The same text, as wide as it was, in ASCII only.

    Where a text is cut its last signs give way to dots: `a long na…` is `a long ...`,
    `older than …` is `older than..`. With nothing before it, or a number, which would
    be another one without its last digits, `…` is `~`.
    """
    if text.isascii():
        return text
    text = _CUT.sub(lambda cut: "." * len(cut[0]), text)
    known = text.translate(ASCII)
    if known.isascii():
        return known
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in known)


class AsciiOnly(LineFilter):
    """Lets through what every terminal can show."""

    def apply(
        self,
        segments: list[Segment],
        background: Color,  # noqa: ARG002 - Textual's signature
    ) -> list[Segment]:
        """The segments with their signs replaced; each is as wide as before."""
        return [
            Segment(in_ascii(text), style, control) for text, style, control in segments
        ]


def harmless(text: str) -> str:
    """The same text, as wide as it was, with nothing in it that acts on a terminal."""
    return "".join(c if c.isprintable() else "?" * cell_len(c) for c in text)


class Harmless(LineFilter):
    """The last gate: nothing that does not print reaches the terminal.

    Texts from outside are made readable where they are shown, by `clean`. But a field
    shows what was pasted into it.
    """

    def apply(
        self,
        segments: list[Segment],
        background: Color,  # noqa: ARG002 - Textual's signature
    ) -> list[Segment]:
        """The segments; nearly always just those."""
        if all(text.isprintable() for text, _style, _control in segments):
            return segments
        return [
            Segment(harmless(text), style, control) for text, style, control in segments
        ]
