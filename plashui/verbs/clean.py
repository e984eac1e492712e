"""clean: delete what killed processes left behind."""

from __future__ import annotations

from plashui.operations import gc
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Remove what killed processes left behind."""
    parser = Parser(
        "clean",
        "Layers that `pull:oci --keep-blobs` has kept go after 30 days, and so do the\n"
        "notes by which builds see quickly that nothing has changed. What commands\n"
        "of builds have asked to keep (RUN --mount=type=cache) stays, and so do the\n"
        "copies that apps of push:app have unpacked.",
    )
    parser.add_argument(
        "--cache", action="store_true", help="all of that, too, at once"
    )
    done = gc.clean(store(), caches=parser.parse_args(words).cache)
    for line in (*done.warnings(), done.sentence()):
        say(line)
    if done.trouble is not None:
        raise done.trouble
    return 0
