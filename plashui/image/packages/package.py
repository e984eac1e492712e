"""A package as a database tells of it."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

LONGEST: Final = 4096
"""The most characters of a path; of a name or version far less is shown."""


class Package(NamedTuple):
    """An installed package. Its strings are foreign text.

    `manager` is the kind of its database: dpkg, apk, pacman or rpm. `paths` are what it
    says are its files and directories, without a leading slash; links of the image may
    lead them elsewhere.
    """

    manager: str
    name: str
    version: str
    architecture: str
    paths: tuple[str, ...] = ()


def path_in(text: str) -> str:
    """Return a path of a database as we write it; '' if it is none."""
    path = text.strip("/")
    return "" if path == "." or len(path) > LONGEST else path
