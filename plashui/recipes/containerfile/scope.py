"""Which variables there are at a place of a Containerfile."""

from __future__ import annotations

import os

from plashui.base.light import TYPE_CHECKING
from plashui.model.platform import this_machine
from plashui.recipes.containerfile.expand import ExpansionError, expand, expand_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    from plashui.recipes.containerfile import instructions as i
    from plashui.recipes.containerfile.lines import Line

_PROXIES: Final = ("http", "https", "ftp", "no", "all")
PREDEFINED: Final = frozenset(
    form for name in _PROXIES for form in (f"{name}_proxy", f"{name}_proxy".upper())
)
"""Arguments that a build may be given without ARG.

Commands see them, no image does, and another value is no reason to do a step anew.
"""


def platform_arguments() -> dict[str, str]:
    """Return the arguments that say for which machine is built, and where."""
    here = this_machine()
    variant = "" if here.architecture == "amd64" else here.variant
    name = "/".join(part for part in (here.os, here.architecture, variant) if part)
    found = {}
    for side in ("BUILD", "TARGET"):
        found[f"{side}PLATFORM"] = name
        found[f"{side}OS"] = here.os
        found[f"{side}ARCH"] = here.architecture
        found[f"{side}VARIANT"] = variant
    return found


class Arguments:
    """What a build is given, and the ARGs before the first FROM."""

    def __init__(self, given: Mapping[str, str], escape: str) -> None:
        """Take the arguments of a build, and what escapes in the file."""
        self.given, self.escape = given, escape
        self._values = platform_arguments()

    def declare(self, arg: i.Arg) -> None:
        """Set variables for FROM, and defaults for the ARGs of stages."""
        for name, default in arg.variables:
            value = self.given.get(name)
            if value is None and default is not None:
                value = self.expand(arg.line, default)
            if value is not None:
                self._values[name] = value

    def value(self, name: str) -> str | None:
        """Return the value of a variable before the first FROM."""
        return self._values.get(name)

    def expand(self, line: Line, text: str) -> str:
        """Replace the variables in a word of FROM, or of an ARG before it."""
        try:
            return expand(text, self.value, self.escape)
        except ExpansionError as error:
            raise line.error(str(error)) from None


class Scope:
    """The variables of one stage: those of the image, and below them its ARGs."""

    def __init__(self, arguments: Arguments, env: Iterable[str]) -> None:
        """Begin with the environment of the base, as `NAME=VALUE`."""
        self._arguments = arguments
        self.env = dict(one.partition("=")[::2] for one in env)
        self._declared: dict[str, str] = {}

    def declare(self, arg: i.Arg) -> None:
        """Set the variables of an ARG."""
        for name, default in arg.variables:
            name = self.expand(arg.line, name)
            value = self._arguments.given.get(name)
            if value is None and default is not None:
                value = self.expand(arg.line, default)
            if value is None:
                value = self._arguments.value(name)
            if value is not None:
                self._declared[name] = value

    def value(self, name: str) -> str | None:
        """Return the value of a variable, None if there is none."""
        found = self.env.get(name)
        return self._declared.get(name) if found is None else found

    def expand(self, line: Line, text: str, *, quotes: bool = True) -> str:
        """Replace the variables in a word; see `expand`."""
        try:
            escape = self._arguments.escape if quotes else "\\"
            return expand(text, self.value, escape, quotes=quotes)
        except ExpansionError as error:
            raise line.error(str(error)) from None

    def words(self, line: Line, text: str) -> list[str]:
        """Replace the variables in a text, and split it."""
        try:
            return expand_words(text, self.value, self._arguments.escape)
        except ExpansionError as error:
            raise line.error(str(error)) from None

    def for_commands(self) -> tuple[tuple[str, str], ...]:
        """Return the variables of commands that the image does not have."""
        found = self._declared
        return tuple((name, found[name]) for name in found if name not in self.env)

    def proxies(self) -> tuple[tuple[str, str], ...]:
        """Return those of PREDEFINED that are given, and that no ARG asks for."""
        given = self._arguments.given
        names = sorted(PREDEFINED & given.keys() - self._declared.keys())
        return tuple((name, given[name]) for name in names if name not in self.env)


def from_environment(word: str) -> tuple[str, str | None]:
    """Return name and value of `NAME=VALUE`, or of `NAME`, which the caller has set."""
    name, equals, value = word.partition("=")
    return name, value if equals else os.environ.get(name)
