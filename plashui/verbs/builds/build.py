"""build with macros, or with --debug. `build ID CMD` is done by the C program."""

from __future__ import annotations

import sys

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import command
from plashui.helper.program import become
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.output import out, say
from plashui.verbs.shared.synopsis import tell_usage

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.run_spec import Way
    from plashui.store.store import Store


_OPTIONS: Final = ("-l", "--share-home", "--debug")
"""Those of a build by a command."""


def run(words: list[str]) -> int:
    """Build what macros or a command say; print the id."""
    if words[:1] in (["--help"], ["-h"]):
        return _help()
    if not words:
        return tell_usage("build", words)
    at = next((at for at, word in enumerate(words) if word not in _OPTIONS), None)
    if at is not None and not words[at].startswith("-"):
        if "--debug" not in words[:at]:
            become(["build", *words])
        return _debugging(words[:at], words[at], words[at + 1 :])
    from plashui.verbs.builds.recipe import build_words
    from plashui.verbs.shared.current_store import store

    tell_made(store(), build_words(words))
    return 0


def _debugging(options: list[str], base: str, line: list[str]) -> int:
    """Build by a command; if it fails, open a shell in what it left."""
    from plashui.operations.failed import CommandFailed
    from plashui.store.run_spec import build_way
    from plashui.verbs.builds.debugging import after_failure
    from plashui.verbs.shared.current_store import store

    if not line:
        raise PlashError("--debug needs a command", "Without one, build opens a shell")
    place = store()
    parent = place.resolve(base)
    way = build_way(line, share_home="--share-home" in options)
    way = way._replace(login="-l" in options)
    try:
        image = _done(place, parent, way)
    except CommandFailed as failed:
        image = after_failure(failed, debug=True)
    tell_made(place, image)
    return 0


def _done(place: Store, parent: int, way: Way) -> int:
    if sys.stdin.isatty() and sys.stderr.isatty():
        from plashui.operations.session import build_on_terminal

        return build_on_terminal(place, parent, way)
    from plashui.operations.build import build

    return build(place, parent, way, report=lambda progress: say(progress.what))


def _help() -> int:
    """Print the help of the C program, which has it."""
    done = command.finish(["help", "build"])
    out(done.stdout.decode().rstrip("\n"))
    return 0
