"""Modes as chmod takes them: 0755, or u=rwX,go-w."""

from __future__ import annotations

import re

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_NUMBER: Final = re.compile(r"0?[0-7]{1,4}")
_CLAUSE: Final = re.compile(r"([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)")
_ACTION: Final = re.compile(r"([-+=])([rwxXst]*|[ugo])(?![rwxXstugo])")
_BITS: Final = {"r": 0o444, "w": 0o222, "x": 0o111, "s": 0o6000, "t": 0o1000}
_WHOSE: Final = {"u": 0o4700, "g": 0o2070, "o": 0o1007}
_SHIFT: Final = {"u": 6, "g": 3, "o": 0}


def parsed(text: str) -> int | str | None:
    """Return a mode: a number, or the text if that is as chmod takes it; else None."""
    if _NUMBER.fullmatch(text):
        return int(text, 8)
    known = all(_CLAUSE.fullmatch(clause) for clause in text.split(","))
    return text if known else None


def applied(mode: int | str | None, before: int, *, directory: bool) -> int:
    """Return what becomes of the mode of a file; None leaves it."""
    if mode is None:
        return before
    if isinstance(mode, int):
        return mode
    for clause in mode.split(","):
        found = _CLAUSE.fullmatch(clause)
        if not found:
            continue
        mask = 0
        for letter in found[1].replace("a", "ugo") or "ugo":
            mask |= _WHOSE[letter]
        for sign, letters in _ACTION.findall(found[2]):
            bits = _bits(letters, before, directory) & mask
            if sign == "+":
                before |= bits
            elif sign == "-":
                before &= ~bits
            else:
                kept = mask & ~0o6000 if directory else mask
                before = before & ~kept | bits
    return before


def _bits(letters: str, mode: int, directory: bool) -> int:
    """Return the bits that letters stand for, for everybody."""
    if letters and letters in _SHIFT:
        return (mode >> _SHIFT[letters] & 0o7) * 0o111
    if "X" in letters and (directory or mode & 0o111):
        letters += "x"
    found = 0
    for letter in letters:
        found |= _BITS.get(letter, 0)
    return found
