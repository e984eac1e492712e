"""Joining the lines of a Containerfile to instructions: a keyword, flags, a rest."""

from __future__ import annotations

import re

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.recipes.containerfile.expand import (
    ExpansionError,
    expand_words,
    is_space,
    quoted_words,
)
from plashui.recipes.plan import At

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

    from plashui.base.errors import PlashError

_DIRECTIVE: Final = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_DIRECTIVES: Final = ("escape", "syntax", "check")
_FRONTENDS: Final = re.compile(
    r"(docker\.io/)?(docker/dockerfile(-upstream)?|moby/dockerfile)(:[\w.-]+)?(@\S+)?"
)
_BLANKS: Final = re.compile(r"[\t\v\f\r ]+")
_HEREDOC: Final = re.compile(r"(\d*)<<(-?)\s*([^<]*)", re.DOTALL)
_WITH_HEREDOC: Final = ("ADD", "COPY", "RUN")
_MOST_SHOWN: Final = 120
"""The most characters of an instruction that an error repeats."""


class Heredoc(NamedTuple):
    """Lines of text behind an instruction; `expands` unless its name is quoted.

    `content` is as it stands there, with tabs; `text` is what is meant.
    """

    name: str
    content: str
    expands: bool
    strips_tabs: bool

    @property
    def text(self) -> str:
        """The content, without leading tabs if the heredoc is `<<-`."""
        strips = self.strips_tabs
        return re.sub(r"(?m)^\t+", "", self.content) if strips else self.content


class Line(NamedTuple):
    """One instruction. `keyword` is in capitals, `text` all of it but its heredocs."""

    at: At
    keyword: str
    flags: tuple[str, ...]
    rest: str
    text: str
    heredocs: tuple[Heredoc, ...] = ()

    def error(self, why: str, remedy: str = "") -> PlashError:
        """Return the error for this instruction: a sentence that begins small."""
        text = " ".join(clean(self.text).split())
        if len(text) > _MOST_SHOWN:
            text = f"{text[: _MOST_SHOWN - 1]}…"
        return self.at.error(f"{clean(why)} (in: {text})", clean(remedy))


class Lines(NamedTuple):
    """The instructions of a file, and the character that escapes in it."""

    lines: tuple[Line, ...]
    escape: str


def meant(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean …?" if a word is nearly one that is known, else ""."""
    from difflib import get_close_matches  # for errors only

    near = get_close_matches(word[:40], list(known), 1, 0.6)
    return f"Did you mean {near[0]}?" if near else ""


def read_lines(data: bytes, file: str, *, escape: str = "") -> Lines:
    """Read a Containerfile; raise PlashError for what is wrong with its lines.

    With `escape` nothing at the beginning is a directive, as in a trigger of ONBUILD.
    """
    reader = _Reader(data.removeprefix(b"\xef\xbb\xbf"), file)
    if escape:
        reader.escape = escape
    else:
        reader.directives()
    return Lines(tuple(reader.instructions()), reader.escape)


class _Reader:
    """Reads one file line by line."""

    def __init__(self, data: bytes, file: str) -> None:
        text = data.decode("utf-8", "surrogateescape")
        self._lines = text.split("\n")
        self._whole = text.endswith("\n") or not text
        self._file, self._next = file, 0
        self.escape = "\\"

    def _at(self, number: int) -> At:
        return At(self._file, number)

    def directives(self) -> None:
        """Read the comments at the beginning that are `# NAME=VALUE`."""
        seen: set[str] = set()
        for number, line in enumerate(self._lines, 1):
            found = _DIRECTIVE.fullmatch(line.strip())
            if not found:
                return
            name, value = found[1].lower(), found[2]
            if name not in _DIRECTIVES:
                continue
            if name in seen:
                raise self._at(number).error(f"{name} is set twice (in: {clean(line)})")
            seen.add(name)
            if name == "escape":
                if value not in ("\\", "`"):
                    raise self._at(number).error(
                        f"nothing is escaped by {clean(value)}",
                        "It is \\ or `",
                    )
                self.escape = value
            elif name == "syntax" and not _FRONTENDS.fullmatch(value):
                raise self._at(number).error(
                    f"the syntax {clean(value)} is a program that is not supported",
                    "Only that of docker/dockerfile is",
                )

    def instructions(self) -> Iterator[Line]:
        """Yield the instructions."""
        while self._next < len(self._lines):
            number = self._next + 1
            text, goes_on = self._cut(self._take().lstrip())
            if text.startswith("#") or (not text and not goes_on):
                continue
            while goes_on and self._next < len(self._lines):
                more = self._take()
                if not more.strip() or more.lstrip().startswith("#"):
                    continue
                more, goes_on = self._cut(more)
                text += more
            if text.strip():
                yield self._instruction(number, text.strip())

    def _take(self) -> str:
        self._next += 1
        return self._lines[self._next - 1].rstrip("\r")

    def _cut(self, line: str) -> tuple[str, bool]:
        """Cut off the escape character at the end; return also whether it was there.

        A doubled one is not meant, nor is one at the end of a comment.
        """
        text = line.rstrip(" \t")
        ends = text.endswith(self.escape) and not text.endswith(self.escape * 2)
        if ends and not line.startswith("#"):
            return text[:-1], True
        return line, False

    def _instruction(self, number: int, text: str) -> Line:
        words = _BLANKS.split(text, maxsplit=1)
        flags, rest = _flags(words[1]) if len(words) > 1 else ([], "")
        at = self._at(number)
        line = Line(at, words[0].upper(), tuple(flags), rest.strip(), text)
        inner = line
        if line.keyword == "ONBUILD":
            parts = _BLANKS.split(rest, maxsplit=1)
            more = _flags(parts[1])[1] if len(parts) > 1 else ""
            inner = line._replace(keyword=parts[0].upper(), rest=more.strip())
        if inner.keyword not in _WITH_HEREDOC or "<<" not in inner.rest:
            return line
        if inner.rest.startswith("[") and json_words(inner.rest) is not None:
            return line
        names = heredoc_names(text)
        return line._replace(heredocs=tuple(self._heredoc(line, one) for one in names))

    def _heredoc(self, line: Line, begun: Heredoc) -> Heredoc:
        """Read the lines of a heredoc, up to its name."""
        found: list[str] = []
        while self._next < len(self._lines):
            self._next += 1
            raw = self._lines[self._next - 1]
            end = raw.rstrip("\r")
            if (end.lstrip("\t") if begun.strips_tabs else end) == begun.name:
                return begun._replace(content="".join(found))
            found.append(raw + "\n")
        raise line.error(
            f"the heredoc {begun.name} does not end",
            f"Write {begun.name} alone on a line behind it",
        )


def heredoc_names(text: str) -> list[Heredoc]:
    """Return the heredocs that a line announces, without their content."""
    try:
        words = quoted_words(text, lambda _name: None)
    except ExpansionError:
        return []  # a command for the shell, whose quotes are its own
    found = (heredoc_in(word) for word in words)
    return [one for one in found if one]


def heredoc_in(word: str) -> Heredoc | None:
    """Return the heredoc that a word announces (`<<EOF`), None if it does not."""
    found = _HEREDOC.fullmatch(word)
    if not found or not found[3]:
        return None
    try:
        words = expand_words(found[3], lambda name: f"${name}")
    except ExpansionError:
        return None
    if len(words) != 1:
        return None
    bare = not set(found[3]) & set("\"'")
    return Heredoc(words[0], "", bare, found[2] == "-")


def json_words(text: str) -> list[object] | None:
    """Return the array in JSON that a text is, None if it is not one."""
    import json

    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _flags(text: str) -> tuple[list[str], str]:
    """Split off the words at the beginning that begin with `--`; unquote them."""
    flags: list[str] = []
    at = 0
    while True:
        while at < len(text) and is_space(text[at]):
            at += 1
        if not text.startswith("--", at):
            return flags, text[at:]
        word, quote = "", ""
        while at < len(text) and (quote or not is_space(text[at])):
            char = text[at]
            at += 1
            if char == "\\":
                word += text[at : at + 1]
                at += 1
            elif char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            else:
                word += char
        if word == "--":
            return flags, text[at:]
        flags.append(word)
