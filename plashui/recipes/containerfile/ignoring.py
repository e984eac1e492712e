"""Ignore files: what is left out of a context."""

from __future__ import annotations

from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.recipes.context.patterns import Ignored, PatternError, ignore_patterns

if TYPE_CHECKING:
    from typing import Final

_IGNORE_FILES: Final = (".containerignore", ".dockerignore")
MOST: Final = 16 << 20
"""The most bytes of a Containerfile, and of an ignore file."""


def ignored_in(directory: Path, file: Path | None, within: str = "") -> Ignored | None:
    """Return what is left out of the context; None if there is no ignore file.

    One beside the Containerfile, called as it with `.dockerignore` behind, comes first.
    With `within` the context is a repository's, whose own files are left out, too.
    """
    places = [directory / name for name in _IGNORE_FILES]
    if file is not None:
        beside = [file.with_name(f"{file.name}{name}") for name in _IGNORE_FILES]
        places = [*beside, *places]
    patterns: list[str] = []
    for place in places:
        if place.is_file():
            patterns = ignore_patterns(read(place, within))
            break
    if within:
        patterns.append("**/.git")
    try:
        return Ignored(patterns) if patterns else None
    except PatternError as error:
        raise PlashError(f"{clean(str(place))}: {error}") from None


def read(path: Path, within: str = "") -> bytes:
    """Return what is in a file; PlashError if a link leads out of `within`."""
    from plashui.transfer.files import opened

    if within and not path.resolve().is_relative_to(within):
        raise PlashError(f"{clean(path.name)} leads out of the repository")
    with opened(path) as file:
        found = bytearray()
        while len(found) <= MOST and (data := file.read(MOST + 1 - len(found))):
            found += data
        return bytes(found)
