"""What a verb prints: values on stdout, words for people on stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from plashui.core.store import Store
from plashui.core.text import clean


def store() -> Store:
    """The store this process works on."""
    return Store.locate()


_taken: list[list[str]] = []


@contextlib.contextmanager
def captured() -> Iterator[list[str]]:
    """What is printed with `out` inside the block, instead of printing it."""
    lines: list[str] = []
    _taken.append(lines)
    try:
        yield lines
    finally:
        _taken.pop()


def out(text: str) -> None:
    """A line on stdout; bytes that are no UTF-8 leave as they came."""
    if _taken:
        _taken[-1].append(text)
        return
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))


def say(text: str) -> None:
    """A line on stderr, for people."""
    print(clean(text), file=sys.stderr)  # noqa: T201


def print_json(value: Any) -> None:
    """A JSON document on stdout; in ASCII, so no name in it can do harm."""
    import json

    out(json.dumps(value, indent=2, ensure_ascii=True))
