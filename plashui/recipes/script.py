"""Scripts that tell which of their lines is run."""

from __future__ import annotations

import re

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

TRACE: Final = "PS4='+${LINENO}# '; set -ex"
"""The first line of such a script."""
_TRACED: Final = re.compile(r"(\++)(\d*)# (.*)", re.DOTALL)


class Traced(NamedTuple):
    """A command that a script is about to run, its line, and how deep it is nested."""

    command: str
    line: int
    depth: int


def traced(text: str) -> Traced | None:
    """Return what a line of output tells of the script; None if it is another one."""
    found = _TRACED.fullmatch(text)
    if not found:
        return None
    plus, line, command = found.groups()
    return Traced(command, int(line or 0), len(plus))
