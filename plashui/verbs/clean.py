"""clean: delete what killed processes left behind."""

from __future__ import annotations

from plashui.operations import gc
from plashui.verbs.current_store import store
from plashui.verbs.output import say
from plashui.verbs.parser import Parser


def run(words: list[str]) -> int:
    """Remove what killed processes left behind."""
    Parser("clean").parse_args(words)
    done = gc.clean(store())
    for line in (*done.warnings(), done.sentence()):
        say(line)
    if done.trouble is not None:
        raise done.trouble
    return 0
