"""version: the version of plash."""

from __future__ import annotations

from plashui import __version__
from plashui.verbs.shared.output import out
from plashui.verbs.shared.synopsis import tell_usage


def run(words: list[str]) -> int:
    """Print the version."""
    if words:
        return tell_usage("version", words)
    out(__version__)
    return 0
