"""Variables and quotes in the words of a Containerfile, as docker knows them.

That resembles a shell, and is not one: a variable that is not set is empty, `$(…)`
means nothing, and what a variable holds is not looked at again.
"""

from __future__ import annotations

import re

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.stars import starred

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    Values = Callable[[str], str | None]
    """Returns the value of a variable, None if it is not set."""

_DEEPEST: Final = 100
"""The most levels of ${a:-${b:-…}}."""
_SPECIAL: Final = "@*#?-$!0"
_NO_SPACE: Final = "\x1c\x1d\x1e\x1f"


class ExpansionError(ValueError):
    """What is wrong with a word; it has no place yet."""


def is_space(char: str) -> bool:
    """Return whether a character separates words."""
    return char.isspace() and char not in _NO_SPACE


def expand(
    text: str, values: Values, escape: str = "\\", *, quotes: bool = True
) -> str:
    """Replace variables in a text, and remove quotes and escapes.

    Without `quotes`, " and ' stand for themselves, as in a heredoc.
    """
    return _Lexer(text, values, escape, quotes).until("")[0]


def expand_words(text: str, values: Values, escape: str = "\\") -> list[str]:
    """Do the same, and split what results at blanks that are not quoted."""
    return _Lexer(text, values, escape, True).until("")[1]


def quoted_words(text: str, values: Values) -> list[str]:
    """Split at blanks that are not quoted; quotes and escapes stay as they are."""
    return _Lexer(text, values, "\\", True, raw=True, keep=True).until("")[1]


def split(text: str, escape: str = "\\") -> list[str]:
    """Split a text at blanks that are not quoted; change nothing in the words.

    A quote that is not closed reaches to the end, and is an error for `expand`.
    """
    words: list[str] = []
    word, quote, at, begun = "", "", 0, False
    while at < len(text):
        char = text[at]
        at += 1
        if not quote and is_space(char):
            if begun:
                words.append(word)
            word, begun = "", False
            continue
        begun = True
        if char == escape and quote != "'":
            if at == len(text):
                break  # nothing is behind it that it could escape
            char += text[at]
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        word += char
    return [*words, word] if word else words


class _Words:
    """Words as they grow; a blank that is not quoted ends one."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._word = ""

    def add(self, text: str, *, quoted: bool) -> None:
        for char in text:
            if quoted or not is_space(char):
                self._word += char
            elif self._word:
                self.done.append(self._word)
                self._word = ""

    def end(self) -> list[str]:
        if self._word:
            self.done.append(self._word)
            self._word = ""
        return self.done


class _Lexer:
    """Reads one text from left to right.

    `raw` keeps quotes in the result, `keep` keeps escapes, and variables, too.
    """

    def __init__(
        self,
        text: str,
        values: Values,
        escape: str,
        quotes: bool,
        *,
        raw: bool = False,
        keep: bool = False,
    ) -> None:
        self._text, self._values, self._escape = text, values, escape
        self._quotes, self._raw, self._keep = quotes, raw, keep
        self._at = self._depth = 0

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def until(self, stop: str, *, keep: bool = False) -> tuple[str, list[str]]:
        """Read up to a character, or to the end for ""; return text and words."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpansionError("too many ${…} within each other")
        found: list[str] = []
        words = _Words()
        while char := self._peek():
            if char == stop:
                self._at += 1
                self._depth -= 1
                return "".join(found), words.end()
            quoted = True
            if char == "$":
                piece, quoted = self._dollar(), False
            elif char in "\"'" and self._quotes:
                piece = self._single() if char == "'" else self._double()
            elif char == "<":
                piece = self._heredoc_sign()
            elif char == self._escape:
                self._at += 1
                piece = (char if keep or self._keep else "") + self._next()
            else:
                piece, quoted = self._next(), False
            found.append(piece)
            words.add(piece, quoted=quoted)
        if stop:
            raise ExpansionError(f"{stop!r} is missing behind ${{")
        self._depth -= 1
        return "".join(found), words.end()

    def _heredoc_sign(self) -> str:
        """Read `<`, or `<<` with blanks, which do not separate it from the name."""
        start = self._at
        self._at += 1
        if self._peek() == "<":
            self._at += 1
            while self._peek() and self._peek() in " \t\r":
                self._at += 1
        return self._text[start : self._at]

    def _single(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise ExpansionError("a single quote is not closed")
        inner = self._text[self._at + 1 : end]
        self._at = end + 1
        return f"'{inner}'" if self._raw else inner

    def _double(self) -> str:
        self._at += 1
        found = '"' if self._raw else ""
        while char := self._peek():
            if char == '"':
                self._at += 1
                return found + ('"' if self._raw else "")
            if char == "$":
                found += self._dollar()
                continue
            self._at += 1
            if char == self._escape:
                found += char if self._keep else ""
                after = self._peek()
                if not after:
                    break
                if after in ('"', "$", self._escape):
                    char = self._next()
            found += char
        raise ExpansionError("a double quote is not closed")

    def _dollar(self) -> str:
        """Read a `$` and what belongs to it; return the value."""
        start = self._at
        self._at += 1
        if self._peek() != "{":
            name = self._name()
            value = self._values(name) if name else "$"
            return self._text[start : self._at] if self._keep else value or ""
        self._at += 1
        if not self._peek():
            raise ExpansionError("'}' is missing behind ${")
        name = "" if self._peek() in "{}:" else self._name()
        if not name:
            raise ExpansionError("the name of a variable is missing behind ${")
        value = self._value(name)
        return self._text[start : self._at] if self._keep else value

    def _name(self) -> str:
        start = self._at
        first = self._peek()
        if first.isdigit():
            while self._peek().isdigit():
                self._at += 1
        elif first and first in _SPECIAL:
            self._at += 1
        else:
            while self._peek() == "_" or self._peek().isalnum():
                self._at += 1
        return self._text[start : self._at]

    def _value(self, name: str) -> str:
        """Read what follows the name in `${name…}`."""
        how = self._next()
        value = self._values(name)
        if how == "}":
            return value or ""
        if how == "/":
            return self._replaced(value or "")
        if how in ("#", "%"):
            word, _ = self.until("}", keep=True)
            longest = word.startswith(how)
            return _trimmed(value or "", how, word[1:] if longest else word, longest)
        colon = how == ":"
        how = self._next() if colon else how
        if how not in ("-", "+", "?"):
            sign = ":" * colon + how
            raise ExpansionError(f"${{{name}{sign}…}} is not known")
        word, _ = self.until("}")
        there = value is not None and not (colon and not value)
        if how == "+":
            return word if there else ""
        if not there and how == "?" and not self._keep:
            lacks = "empty" if value is not None else "not set"
            raise ExpansionError(f"{name}: {word or lacks}")
        return (value if there else word) or ""

    def _replaced(self, value: str) -> str:
        """Read `PATTERN/REPLACEMENT}` of `${name/PATTERN/REPLACEMENT}`."""
        everywhere = self._peek() == "/"
        self._at += everywhere
        pattern, _ = self.until("/", keep=True)
        new, _ = self.until("}", keep=True)
        shape = re.compile(_regex(pattern, longest=True), re.DOTALL)
        return shape.sub(lambda _found: new, value, count=0 if everywhere else 1)


def _trimmed(value: str, side: str, pattern: str, longest: bool) -> str:
    """Return a value without the shortest or longest piece at one of its ends."""
    if side == "#":
        shape = re.compile(_regex(pattern, longest=longest), re.DOTALL)
        found = shape.match(value)
        return value[found.end() :] if found else value
    whole = re.compile(_regex(pattern, longest=True), re.DOTALL)
    places = range(len(value) + 1)
    for at in places if longest else reversed(places):
        if whole.fullmatch(value, at):
            return value[:at]
    return value


def _regex(pattern: str, *, longest: bool) -> str:
    """Translate a pattern of * and ? to a regular expression."""
    pieces, at = [""], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            pieces.append("")
        elif char == "?":
            pieces[-1] += "."
        elif char == "\\":
            after = pattern[at : at + 1]
            at += 1
            if not after or after not in "*?\\/}":
                raise ExpansionError(f"\\{after} means nothing in a pattern")
            pieces[-1] += re.escape(after)
        else:
            pieces[-1] += re.escape(char)
    return starred(pieces, longest=longest)
