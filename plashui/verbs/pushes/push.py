"""push: an image to wherever a word leads: a registry, a machine, a file."""

from __future__ import annotations

from plashui.settings import config
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.table import VERBS, function_at


def run(words: list[str]) -> int:
    """Find out what a word means, and push there."""
    parser = Parser(
        "push",
        "To a registry (NAME:TAG), to a machine without one (ssh://HOST/), to a\n"
        "directory (DIR/), or to a file by its suffix:\n"
        ".oci.tar and .docker.tar with layers; .tar .tar.gz .tar.xz .tar.zst .tar.bz2\n"
        "and .sqsh of the merged image. It says which verb that is; the verb itself\n"
        "has options, such as --insecure of push:oci.",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("where", metavar="WHERE")
    options = parser.parse_args(words)
    from plashui.transfer.imports.kinds import destination

    chosen = destination(options.where, config.load().config.default_registry)
    say(f"{chosen.verb} {options.image} {chosen.word}")
    return function_at(VERBS[chosen.verb].run)(["--", options.image, chosen.word])
