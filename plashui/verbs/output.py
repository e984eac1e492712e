"""What a verb prints: values on stdout, words for people on stderr."""

from __future__ import annotations

import contextlib
import os
import sys

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from typing import Any


def out(text: str) -> None:
    """A line on stdout; bytes that are no UTF-8 leave as they came."""
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))


def say(text: str) -> None:
    """A line on stderr, for people. Nothing is lost where nobody reads it."""
    tell(clean(text))


def complain(sentence: str) -> None:
    """What went wrong, as the one line of the contract."""
    tell(f"{red('plash error:', 2)} {clean(sentence)}")


def tell(line: str) -> None:
    """A line on stderr, harmless already."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def draws(descriptor: int) -> bool:
    """Whether it is a terminal on which a line can be drawn anew."""
    return os.environ.get("TERM", "dumb") != "dumb" and os.isatty(descriptor)


def red(text: str, descriptor: int) -> str:
    """In red, on a terminal of a person who wants colours (no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and draws(descriptor)
    return f"\x1b[31m{text}\x1b[m" if wanted else text


def print_json(value: Any) -> None:
    """A JSON document on stdout; in ASCII, so no name in it can do harm."""
    import json  # only one verb in ten needs it

    out(json.dumps(value, indent=2, ensure_ascii=True))
