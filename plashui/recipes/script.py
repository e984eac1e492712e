"""Scripts that tell which of their lines is run."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

TRACE: Final = "PS4='+${LINENO}# '; set -ex"
"""The first line of such a script."""


class Traced(NamedTuple):
    """A command that a script is about to run, its line, and how deep it is nested."""

    command: str
    line: int
    depth: int


def traced(text: str) -> Traced | None:
    """Return what a line of output tells of the script; None if it is another one."""
    rest = text.lstrip("+")
    line, sign, command = rest.partition("# ")
    depth = len(text) - len(rest)
    is_number = not line or (line.isascii() and line.isdecimal())
    if not (depth and sign and is_number):
        return None
    return Traced(command, int(line or 0), depth)
