"""Output of verbs: values on stdout, messages for people on stderr."""

from __future__ import annotations

import contextlib
import os
import sys

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from typing import Any


def out(text: str) -> None:
    """Print a line on stdout; bytes that are not UTF-8 are written unchanged."""
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))


def say(text: str) -> None:
    """Print a line for people on stderr, made harmless; ignore write errors."""
    tell(clean(text))


def complain(sentence: str) -> None:
    """Print an error on stderr: `plash error: SENTENCE`."""
    tell(f"{red('plash error:', 2)} {clean(sentence)}")


def tell(line: str) -> None:
    """Print lines on stderr that are harmless already; ignore write errors."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def draws(descriptor: int) -> bool:
    """Return whether a descriptor is a terminal on which a line can be redrawn."""
    return os.environ.get("TERM", "dumb") != "dumb" and os.isatty(descriptor)


def red(text: str, descriptor: int) -> str:
    """Colour a text red, on a terminal and without NO_COLOR (no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and draws(descriptor)
    return f"\x1b[31m{text}\x1b[m" if wanted else text


def print_json(value: Any) -> None:
    """Print a JSON document on stdout, in ASCII, which makes all names harmless."""
    import json  # only one verb in ten needs it

    out(json.dumps(value, indent=2, ensure_ascii=True))
