"""Sizes, ages, durations and counts: put into words by humanize, and parsed.

humanize is imported at the first number to be put into words: start-up needs none.
"""

from __future__ import annotations

from functools import lru_cache

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

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


@lru_cache(4096)
def size(number: float) -> str:
    """Format bytes in decimal units: `0 B`, `1.9 GB`, `162 MB`.

    The number has at most three digits.
    """
    from humanize import naturalsize

    words = naturalsize(number, format="%.1f")
    if len(words.lstrip("-").partition(".")[0]) > 1:
        words = naturalsize(number, format="%.0f")
    return words.removesuffix("s").replace("Byte", "B")


def age(seconds: float) -> str:
    """Format a span of time in its largest unit: `40 s`, `9 d`, `3 y`.

    A negative span counts as 0 s.
    """
    return _short(spoken_age(seconds))


def spoken_age(seconds: float) -> str:
    """Format a span of time in its largest unit as a word: `40 seconds`, `1 day`."""
    whole = max(0, int(seconds))
    return _parts(whole if whole < _DAY else whole - whole % 3600)[0]


def duration(seconds: float) -> str:
    """Format a time to wait in its two largest units: `9 s`, `1 h 3 min`."""
    return " ".join(map(_short, _parts(max(1, round(seconds)))[:2]))


@lru_cache(4096)
def _parts(seconds: int) -> list[str]:
    """Split a span of time into all its units: `["1 hour", "5 seconds"]`.

    Spans below two months are in days, those below two years in months.
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
    """Format a number with commas between thousands: `1,200`."""
    from humanize import intcomma

    return intcomma(number, 0)


def plural(number: int, noun: str) -> str:
    """Format a count with its noun: `1 image`, `3 images`, `0 images`."""
    return f"{thousands(number)} {noun}{'' if number == 1 else 's'}"


def parse_size(word: str) -> int:
    """Return the bytes that `10G`, `500M`, `1.5GB`, `2GiB` or `4096` stand for.

    Units are decimal, as in `size`, unless they contain an i. Raises PlashError.
    """
    number, unit = _amount(word)
    factor = _MULTIPLES.get(unit)
    if number is None or factor is None:
        raise PlashError(
            f"{word!r} is not a size",
            "For example 10G, 500M, 1.5GB or 4096",
        )
    return round(number * factor)


def parse_span(word: str) -> float:
    """Return the seconds that `30d`, `2w`, `12h`, `90min`, `6mo` or `1y` stand for.

    Raises PlashError, also for a number without a unit.
    """
    number, unit = _amount(word)
    factor = _SPANS.get(unit)
    if number is None or factor is None:
        raise PlashError(
            f"{word!r} is not a span of time",
            "For example 30d, 2w, 12h, 90min, 6mo or 1y",
        )
    return number * factor


def _amount(word: str) -> tuple[float | None, str]:
    """Split a number from the lower-cased unit behind it; (None, "") if it has none."""
    import re

    number = r"\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*"
    found = re.fullmatch(number + r"([a-z]*)\s*", word.lower())
    return (float(found[1]), found[2]) if found else (None, "")
