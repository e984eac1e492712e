"""Text for people: strings from outside made harmless, sizes, ages, bars.

Sizes, ages and counts are put into words by humanize, which is imported once there is
one to be told.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_BLOCKS: Final = " ▏▎▍▌▋▊▉█"
_SHORT_UNITS: Final = {
    "second": "s",
    "minute": "min",
    "hour": "h",
    "day": "d",
    "month": "mo",
    "year": "y",
}
_DAY: Final = 86400

_MULTIPLES: Final[dict[str, int]] = {
    **{letter: 1000**power for power, letter in enumerate("bkmgtpe")},
    **{f"{letter}b": 1000**power for power, letter in enumerate("kmgtpe", 1)},
    **{f"{letter}ib": 1024**power for power, letter in enumerate("kmgtpe", 1)},
    "": 1,
}
_SPANS: Final = {
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 86400.0 * 7,
    "mo": 86400.0 * 30.44,
    "y": 86400.0 * 365.25,
}

# Printable by Unicode's word, yet not to be seen: fillers, joiners, selectors.
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_SHORT: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def clean(text: str | bytes) -> str:
    """Text from outside, fit for a terminal: what could act on it is shown escaped.

    That is everything that does not print: controls, bidi and other formats,
    separators, lone surrogates (bytes that are no UTF-8 arrive as those), unassigned
    and private characters. Bytes are taken as UTF-8. At most three combining marks
    stay on one character. Markup brackets are left alone: whoever shows it must not
    parse markup.
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
    if 0xDC80 <= code <= 0xDCFF:  # one byte that was not UTF-8 (surrogateescape)
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
    """A path with `~` for what is at home."""
    home = os.environ.get("HOME", "")
    return f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path


@lru_cache(4096)
def size(number: float) -> str:
    """Bytes in decimal units with at most three digits: `0 B`, `1.9 GB`, `162 MB`."""
    from humanize import naturalsize

    words = naturalsize(number, format="%.1f")
    if len(words.lstrip("-").partition(".")[0]) > 1:
        words = naturalsize(number, format="%.0f")
    return words.removesuffix("s").replace("Byte", "B")


def age(seconds: float) -> str:
    """A span of time in its largest unit: `40 s`, `9 d`, `3 y`. Never negative."""
    return _short(spoken_age(seconds))


def spoken_age(seconds: float) -> str:
    """The same with the unit as a word: `40 seconds`, `1 day`."""
    whole = max(0, int(seconds))
    return _parts(whole if whole < _DAY else whole - whole % 3600)[0]


def duration(seconds: float) -> str:
    """A time to wait in its two largest units: `9 s`, `2 min 5 s`, `1 h 3 min`."""
    return " ".join(map(_short, _parts(max(1, round(seconds)))[:2]))


@lru_cache(4096)
def _parts(seconds: int) -> list[str]:
    """A span of time in all its units: `["1 hour", "3 minutes", "5 seconds"]`.

    Up to two months it is told in days, up to two years in months.
    """
    from humanize import precisedelta

    too_large: list[str] = []
    if seconds < 730 * _DAY:
        too_large = ["months", "years"] if seconds < 60 * _DAY else ["years"]
    words = precisedelta(seconds, suppress=too_large, format="%d")
    return words.replace(" and ", ", ").split(", ")


def _short(part: str) -> str:
    number, unit = part.split()
    return f"{number} {_SHORT_UNITS[unit.removesuffix('s')]}"


def thousands(number: float) -> str:
    """A number with its thousands apart: `1,200`."""
    from humanize import intcomma

    return intcomma(number, 0)


def parse_size(word: str) -> int:
    """The bytes that `10G`, `500M`, `1.5GB`, `2GiB` or `4096` stand for.

    Units are decimal, as `size` shows them, unless they have an i. Raises PlashError.
    """
    number, unit = _amount(word)
    factor = _MULTIPLES.get(unit)
    if number is None or factor is None:
        raise PlashError(f"{word!r} is no size", "As in 10G, 500M, 1.5GB or 4096")
    return round(number * factor)


def parse_span(word: str) -> float:
    """The seconds that `30d`, `2w`, `12h`, `90min`, `6mo` or `1y` stand for.

    Raises PlashError; a number alone is refused, since nobody knows of what.
    """
    number, unit = _amount(word)
    factor = _SPANS.get(unit)
    if number is None or factor is None:
        raise PlashError(
            f"{word!r} is no span of time", "As in 30d, 2w, 12h, 90min, 6mo or 1y"
        )
    return number * factor


def _amount(word: str) -> tuple[float | None, str]:
    """A number and the unit behind it, in small letters; (None, "") if it is none."""
    import re

    number = r"\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*"
    found = re.fullmatch(number + r"([a-z]*)\s*", word.lower())
    return (float(found[1]), found[2]) if found else (None, "")


def bar(fraction: float, width: int, beyond: float = 0.0) -> str:
    """A bar of `width` cells, solid for `fraction` (0 to 1) to an eighth of a cell.

    From there to `beyond` it is light, to a cell: a part, and what belongs to it.
    """
    solid = round(max(0.0, min(1.0, fraction)) * width * 8)
    light = round(max(0.0, min(1.0, beyond)) * width)
    full, part = divmod(solid, 8)
    drawn = "█" * full + (_BLOCKS[part] if part else "")
    return drawn.ljust(light, "░").ljust(width)


def some(words: Iterable[str], room: int) -> str:
    """The words with commas, as far as `room` characters go, and how many more."""
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


def plural(number: int, noun: str) -> str:
    """`1 image`, `3 images`, `0 images`."""
    return f"{thousands(number)} {noun}{'' if number == 1 else 's'}"
