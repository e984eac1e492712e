"""pull:docker: an image from the docker or podman of this machine."""

from __future__ import annotations

from plashui.verbs.pulls import pulling, pulling_archives
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Import an image that docker has; print the id."""
    parser = Parser(
        "pull:docker",
        "An image that docker has, or podman where there is no docker. One it has not\n"
        "is fetched by it first, and removed there afterwards.\n" + pulling.ABOUT,
    )
    return pulling_archives.from_command(parser, words)
