"""build with macros. `build ID CMD` is done by the C program."""

from __future__ import annotations

from plashui.helper import command
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.output import out
from plashui.verbs.shared.synopsis import tell_usage


def run(words: list[str]) -> int:
    """Build what macros say; print the id."""
    if words[:1] in (["--help"], ["-h"]):
        return _help()
    if not words:
        return tell_usage("build", words)
    first = next((w for w in words if w not in ("-l", "--share-home")), "")
    if not first.startswith("-"):
        command.become(["build", *words])
    from plashui.verbs.builds.recipe import build_words
    from plashui.verbs.shared.current_store import store

    tell_made(store(), build_words(words))
    return 0


def _help() -> int:
    """Print the help of the C program, which has it."""
    done = command.finish(["help", "build"])
    out(done.stdout.decode().rstrip("\n"))
    return 0
