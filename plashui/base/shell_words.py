"""Quoting and splitting words as a shell does it, without `shlex` where that is easy.

Importing `shlex` takes a tenth of the time of a build that was done before.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_PLAIN: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
)


def quote(word: str) -> str:
    """Quote a word for a shell, if it must be: as shlex.quote."""
    if word and _PLAIN.issuperset(word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def split(line: str) -> list[str]:
    """Split a line as a shell does it; raise ValueError for a quote that is open."""
    if line.isascii() and line.isprintable() and not {"'", '"', "\\"} & {*line}:
        return line.split()
    import shlex

    return shlex.split(line)
