"""TOML beyond what tomllib does: on which line a value stands, and writing one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any, Final

Path = tuple[str, ...]
"""The keys that lead to a value, from the top: `("keys", "remove")`."""

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_BARE: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)


def line_numbers(source: str) -> dict[Path, int]:
    """The line, counted from 1, on which each table and each value begins.

    `source` is a valid document. A statement is as many lines as tomllib takes for
    one, so that brackets and quotes are understood by nobody else.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    statement, start = "", 0
    for number, line in enumerate(source.split("\n"), 1):
        start = start if statement else number
        statement += f"{line}\n"
        try:
            value = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        paths = list(_paths(value))
        if statement.lstrip().startswith("["):
            table = paths[-1]
            found.setdefault(table, start)
        else:
            for path in paths:
                found.setdefault(table + path, start)
        statement = ""
    return found


def _paths(value: dict[str, Any]) -> Iterator[Path]:
    """Every path in a document, those that lead to others first."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, at = stack.pop()
        if path:
            yield path
        if isinstance(at, list) and at and isinstance(at[-1], dict):
            at = at[-1]  # [[name]] says one more of a list of tables
        if isinstance(at, dict):
            stack += [((*path, key), below) for key, below in at.items()]


def error_line(error: Exception, source: str) -> tuple[int, str]:
    """The line a syntax error is on, and what it is, without the place in it."""
    import re

    words = str(error)
    found = re.search(r" \(at line (\d+), column \d+\)$", words)
    if found:
        return int(found[1]), words[: found.start()]
    if not isinstance(error, tomllib.TOMLDecodeError):
        return 0, words.split(";")[0]
    end = source.rstrip("\n").count("\n") + 1
    return end, words.replace(" (at end of document)", "")


def written(value: object) -> str:
    """A value as TOML: text, numbers, truth, and lists of them, in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(written, value))}]"
    return str(value)


def written_key(key: str) -> str:
    """A key as TOML, in quotes where it must be."""
    return key if key and _BARE.issuperset(key) else written(key)


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
