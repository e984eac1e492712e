"""Checks of the values in the config file: each returns the value as it is used.

Each raises PlashError, which says what is wrong and what would be right.
"""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from typing import Final

COLUMNS: Final = ("bar", "subtree", "age", "used")
"""The columns of the tree that can be left out."""
MORE_COLUMNS: Final = ("packages", "packed")
"""The columns that are shown only if they are asked for: how many packages an image
has, and their bytes."""

SOURCES: Final = ("lxc", "oci")
"""Where builds look for an image that the store does not have, in this order."""
_ALL_SOURCES: Final = (*SOURCES, "docker")

HOMES: Final = ("shared", "read-only", "private")
"""What /home, /root and /tmp are in an image: this machine's own, this machine's own
read-only, or the image's own."""
HOMES_SAID: Final = ", ".join(HOMES)

DETAILS: Final = (20, 200)
"""The least and the greatest width of the details, in terminal cells."""


def check_text(value: object) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise PlashError(f"{_shown(value)} is not a string", 'Put it in quotes: "…"')
    return value


def check_word(value: object) -> str:
    """Return a word: not empty, no control characters."""
    word = check_text(value)
    if not word or not word.isprintable():
        raise PlashError(f"{_shown(value)} is empty or contains control characters")
    return word


def check_truth(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise PlashError(
            f"{_shown(value)} is neither true nor false",
            "Write true or false without quotes",
        )
    return value


def check_place(value: object) -> str:
    """Return a path, made absolute."""
    from pathlib import Path  # few configs name stores

    try:
        place = Path(check_word(value)).expanduser()
    except RuntimeError as error:  # ~NAME without such a user
        raise PlashError(f"{_shown(value)}: {error}") from error
    if not place.is_absolute():
        raise PlashError(
            f"{_shown(value)} is not an absolute path",
            "Begin with / or ~/",
        )
    return str(place)


def check_program(value: object) -> str:
    """Return a program's path in an image, or ''."""
    word = check_text(value)
    if word and not word.startswith("/"):
        raise PlashError(
            f"{_shown(value)} is not an absolute path in an image",
            "For example /bin/bash, or '' for root's login shell",
        )
    return word


def check_home(value: object) -> str:
    """Return one of HOMES, or ''."""
    word = check_text(value)
    if word and word not in HOMES:
        raise PlashError(
            f"{_shown(value)} is not a known value",
            f"Choose one of: {HOMES_SAID}",
        )
    return word


def check_words(value: object) -> tuple[str, ...]:
    """Return a list of words."""
    if not isinstance(value, list):
        raise PlashError(f"{_shown(value)} is not a list", 'For example ["a", "b"]')
    return tuple(map(check_word, value))


def check_registry_host(value: object) -> str:
    """Return HOST[:PORT]."""
    import re  # rarely set

    word = check_word(value)
    if not re.fullmatch(r"[\w.-]+(:\d+)?|\[[\da-fA-F:]+\](:\d+)?", word, re.ASCII):
        raise PlashError(
            f"{_shown(value)} is not a registry",
            "For example docker.io or localhost:5000",
        )
    return word


def check_web_address(value: object) -> str:
    """Return an http or https URL."""
    from urllib.parse import urlsplit  # rarely set

    word = check_word(value)
    try:
        parts = urlsplit(word)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise PlashError(
            f"{_shown(value)} is not a web address",
            "For example https://images.linuxcontainers.org",
        )
    return word


def check_mirrors(value: object) -> tuple[str, ...]:
    """Return a list of HOST[:PORT][/PATH]."""
    words = check_words(value)
    for word in words:
        check_registry_host(word.partition("/")[0])
    return words


def check_columns(value: object) -> tuple[str, ...]:
    """Return a list of COLUMNS and MORE_COLUMNS."""
    words, every = check_words(value), (*COLUMNS, *MORE_COLUMNS)
    for word in words:
        if word not in every:
            raise PlashError(f"unknown column {word!r}", f"Known: {', '.join(every)}")
    return words


def check_sources(value: object) -> tuple[str, ...]:
    """Return a list of sources of images."""
    words = check_words(value)
    for word in words:
        if word not in _ALL_SOURCES:
            known = ", ".join(_ALL_SOURCES)
            raise PlashError(f"unknown source {word!r}", f"Known: {known}")
    return words


def check_cells(value: object) -> int:
    """Return a width within DETAILS, or 0."""
    least, most = DETAILS
    right = isinstance(value, int) and not isinstance(value, bool)
    if not right or (value and not least <= value <= most):  # type: ignore[operator]
        raise PlashError(
            f"{_shown(value)} is not a width",
            f"Give a number from {least} to {most}, or 0",
        )
    return value  # type: ignore[return-value]


def check_span(value: object) -> float | None:
    """Return seconds; None for 0."""
    from plashui.base.units import parse_span  # rarely set

    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and abs(value) < 10**9:  # type: ignore[arg-type]
        words: object = f"{value}d"
    else:
        words = value
    try:
        return parse_span(check_text(words)) or None
    except PlashError as error:
        raise PlashError(
            f"{_shown(value)} is not a span of time",
            "For example 30d, or a number of days",
        ) from error


def check_keys(value: object) -> tuple[str, ...]:
    """Return a key or a list of keys."""
    return (check_word(value),) if isinstance(value, str) else check_words(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        text = "this"  # too many digits, or nested too deeply
    return clean(text if len(text) <= 40 else f"{text[:39]}…")
