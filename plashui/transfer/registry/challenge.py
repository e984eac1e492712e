"""The header WWW-Authenticate: what a server wants to see (RFC 9110, 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PIECE: Final = re.compile(
    rf'\s*(?:,|({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))|({_WORD})(?![^\s,]))',
    re.ASCII | re.DOTALL,
)
"""A comma; a parameter with its quoted or bare value; or the name of a scheme."""


class Challenge(NamedTuple):
    """A scheme such as `bearer`, and its parameters; both in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """Read the challenges of all headers, in order; drop what is not one."""
    found: list[Challenge] = []
    for header in headers:
        at = 0
        parameters: dict[str, str] | None = None
        while piece := _PIECE.match(header, at):
            at = piece.end()
            name, quoted, bare, scheme = piece.groups()
            if scheme is not None:
                parameters = {}
                found.append(Challenge(scheme.lower(), parameters))
            elif name is not None and parameters is not None:
                value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
                parameters.setdefault(name.lower(), value)
    return found
