"""pull:podman: an image from the podman of this machine."""

from __future__ import annotations

from plashui.verbs.pulls import pulling, pulling_archives
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Import an image that podman has; print the id."""
    parser = Parser(
        "pull:podman",
        "An image that podman has. One that it has not is fetched by it first, and\n"
        "removed there afterwards.\n" + pulling.ABOUT,
    )
    return pulling_archives.from_command(parser, words, "podman")
