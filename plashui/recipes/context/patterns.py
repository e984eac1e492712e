"""Patterns for names: those of COPY and ADD, and those of ignore files."""

from __future__ import annotations

import posixpath
import re

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.stars import starred

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

_WILD: Final = re.compile(r"\\.|([*?\[])", re.DOTALL)


class PatternError(ValueError):
    """What is wrong with a pattern."""


def is_wild(text: str) -> bool:
    """Return whether a text is a pattern, and not just a name."""
    return any(found[1] for found in _WILD.finditer(text))


def name_pattern(text: str) -> re.Pattern[str]:
    """Return what matches whole names as the pattern of one name does.

    `*`, `?` and `[a-z]` stand for characters, a backslash takes their meaning away.
    """
    pieces, at = [""], 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            pieces.append("")
        elif char == "?":
            pieces[-1] += "."
        elif char == "[":
            piece, at = _class(text, at)
            pieces[-1] += piece
        else:
            char, at = _plain(text, at - 1)
            pieces[-1] += re.escape(char)
    return re.compile(starred(pieces), re.DOTALL)


def _plain(text: str, at: int) -> tuple[str, int]:
    """Return the character at a place, of a pair that of which `\\` is the first."""
    if text[at] != "\\":
        return text[at], at + 1
    if at + 1 == len(text):
        raise PatternError("a backslash at its end")
    return text[at + 1], at + 2


def _class(text: str, at: int) -> tuple[str, int]:
    """Translate `[…]`, whose first character is behind `at`; return also its end."""
    negated = text.startswith("^", at)
    at += negated
    ranges = ""
    begin = at
    while not text.startswith("]", at) or at == begin:
        if at >= len(text) or text[at] in "]-":
            raise PatternError("[…] is not complete")
        low, at = _plain(text, at)
        high = low
        if text.startswith("-", at):
            if at + 1 >= len(text) or text[at + 1] in "]-":
                raise PatternError("[…] is not complete")
            high, at = _plain(text, at + 1)
        if low <= high:
            ranges += f"{re.escape(low)}-{re.escape(high)}"
    if not ranges:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' * negated}{ranges}]", at + 1


class _Rule(NamedTuple):
    """One line of an ignore file."""

    matches: Callable[[str], bool]
    keeps: bool
    prefix: str
    """Of one that keeps: what all that it matches begins with."""


class Ignored:
    """The rules of an ignore file. A call says whether a path is ignored.

    Paths are relative to the context (`a/b`). A rule for a directory is also for all
    that is in it; the last rule that matches decides.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        """Make rules of patterns; raise PatternError for a wrong one."""
        self._rules = [_rule(one) for one in patterns]
        self._known: dict[str, tuple[bool, ...]] = {"": (False,) * len(self._rules)}

    def __call__(self, path: str, _is_directory: bool = False) -> bool:
        """Return whether a path is ignored."""
        ignored = False
        for rule, matched in zip(self._rules, self._matched(path), strict=True):
            if matched:
                ignored = not rule.keeps
        return ignored

    def keeps_within(self, directory: str) -> bool:
        """Return whether something in an ignored directory may be kept."""
        below = f"{directory}/"
        return any(
            rule.prefix.startswith(below) or below.startswith(rule.prefix)
            for rule in self._rules
            if rule.keeps
        )

    def _matched(self, path: str) -> tuple[bool, ...]:
        """Return which rules match a path or a directory that it is in."""
        parent = path.rpartition("/")[0]
        above = self._known.get(parent)
        if above is None:
            above = self._known[parent] = self._matched(parent)
        return tuple(
            before or rule.matches(path)
            for rule, before in zip(self._rules, above, strict=True)
        )


def ignore_patterns(data: bytes) -> list[str]:
    """Return the patterns in an ignore file."""
    lines = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    found = []
    for line in lines.split("\n"):
        text = line.strip()
        if text and not line.startswith("#"):
            found.append(text)
    return found


def _rule(pattern: str) -> _Rule:
    text = pattern.strip()
    keeps = text.startswith("!")
    text = text[keeps:].strip()
    if keeps and not text:
        raise PatternError("! with nothing behind it")
    text = posixpath.normpath(text).lstrip("/") or "."
    fixed = _WILD.split(text, maxsplit=1)[0] if is_wild(text) else f"{text}/"
    return _Rule(_matcher(text), keeps, "" if "\\" in text else fixed)


def _matcher(text: str) -> Callable[[str], bool]:
    """Return the test that a pattern is, in which `**` also stands for directories."""
    if not is_wild(text) and "\\" not in text:
        return text.__eq__
    rest = text.removeprefix("**")
    if rest != text and not is_wild(rest) and "\\" not in rest:
        return lambda path: path.endswith(rest) or f"/{path}" == rest
    head = text.removesuffix("**")
    if head != text and not is_wild(head) and "\\" not in head:
        return lambda path: path.startswith(head)
    shape = re.compile(_path_regex(text), re.DOTALL)
    return lambda path: shape.fullmatch(path) is not None


def _path_regex(text: str) -> str:
    found, at = "", 0
    while at < len(text):
        if text.startswith("**", at):
            at += 3 if text.startswith("**/", at) else 2
            found += "(.*/)?" if at < len(text) else ".*"
            continue
        char = text[at]
        at += 1
        if char == "*":
            found += "[^/]*"
        elif char == "?":
            found += "[^/]"
        elif char == "[":
            piece, at = _class(text, at)
            found += piece
        else:
            char, at = _plain(text, at - 1)
            found += re.escape(char)
    return found
