"""What a verb prints: values on stdout, words for people on stderr."""

from __future__ import annotations

import contextlib
import os
import sys

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import size

if TYPE_CHECKING:
    from typing import Any

    from plashui.model.forest import Forest, Size
    from plashui.store.store import Store


def store() -> Store:
    """The store this process works on."""
    from plashui.store.store import Store

    return Store.locate()


def counted() -> Forest:
    """The images of the store, with every layer counted."""
    place = store()
    forest = place.read()
    if forest.total().known:
        return forest
    from plashui.store.disk_usage import measured

    return measured(place, forest)


def out(text: str) -> None:
    """A line on stdout; bytes that are no UTF-8 leave as they came."""
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))


def out_made(image: int) -> None:
    """The id of a new image on stdout; on stderr where it cannot be written.

    By it alone an image without a name is found again.
    """
    try:
        out(str(image))
        sys.stdout.flush()
    except OSError as error:
        raise PlashError(
            f"image {image} was made, but its id could not be written to standard"
            f" output: {error.strerror}"
        ) from error


def say(text: str) -> None:
    """A line on stderr, for people. Nothing is lost where nobody reads it."""
    _tell(clean(text))


def complain(sentence: str) -> None:
    """What went wrong, as the one line of the contract."""
    _tell(f"{red('plash error:', 2)} {clean(sentence)}")


def usage(verb: str) -> int:
    """How a verb is used, on stderr, for one who used it otherwise; the status."""
    from plashui.verbs.table import VERBS

    _tell(f"usage: plash {verb} {VERBS[verb].usage}".rstrip())
    return 1


def _tell(line: str) -> None:
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def only_json(verb: str, words: list[str]) -> bool:
    """Whether --json is asked for; the parser is made only where it is needed."""
    if words in ([], ["--json"]):
        return bool(words)
    from plashui.verbs.words import Parser

    parser = Parser(verb)
    parser.add_argument("--json", action="store_true")
    return bool(parser.parse_args(words).json)


def image_or_json(verb: str, words: list[str], does: str = "") -> tuple[str, bool]:
    """The image that is asked for, and whether --json is; with a parser as above."""
    if len(words) == 1 and words[0] and not words[0].startswith("-"):
        return words[0], False
    from plashui.verbs.words import Parser

    parser = Parser(verb, does)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("image", metavar="ID")
    options = parser.parse_args(words)
    return options.image, options.json


def draws(descriptor: int) -> bool:
    """Whether it is a terminal on which a line can be drawn anew."""
    return os.environ.get("TERM", "dumb") != "dumb" and os.isatty(descriptor)


def red(text: str, descriptor: int) -> str:
    """In red, on a terminal of a person who wants colours (no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and draws(descriptor)
    return f"\x1b[31m{text}\x1b[m" if wanted else text


def about(value: Size) -> str:
    """A size in words; with a ~ in front where part of it could not be counted."""
    return size(value.bytes) if value.known else f"~{size(value.bytes)}"


def known(value: Size) -> int | None:
    """The bytes of a size for JSON; None where part of it could not be counted."""
    return value.bytes if value.known else None


def print_json(value: Any) -> None:
    """A JSON document on stdout; in ASCII, so no name in it can do harm."""
    import json

    out(json.dumps(value, indent=2, ensure_ascii=True))
