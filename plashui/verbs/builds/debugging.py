"""A shell in a step of a build that failed, and what becomes of it."""

from __future__ import annotations

import sys

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.recipes.failed import step_shell
from plashui.verbs.shared.output import say

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.build import Resumed
    from plashui.recipes.step import StepFailed
    from plashui.store.store import Store

_ANSWERS: Final = {"g": "go on", "k": "keep", "d": "discard", "s": "shell"}


def debugged(place: Store, failed: StepFailed) -> Resumed:
    """Open a shell in the state of a failed step; return what to go on from.

    Raises PlashError if the person keeps or discards the state instead.
    """
    with step_shell(place, failed) as shell:
        answer = "s"
        while answer == "s":
            for line in shell.told():
                say(clean(line))
            shell.run()
            answer = _asked()
        if answer == "g":
            return shell.go_on()
        if answer == "d":
            shell.session.forget()
            raise PlashError("nothing was built: the failed step was discarded")
        kept = shell.kept
        remedy = f"`plash rm {kept}` removes it" if kept else ""
        raise PlashError("nothing was built: the failed step was kept", remedy)


def _asked() -> str:
    """Ask what shall become of the state; return g, k, d or s."""
    say("[g]o on from here, [k]eep it and stop, [d]iscard it, [s]hell again?")
    while True:
        answer = sys.stdin.readline()
        if not answer:
            return "k"
        if answer.strip()[:1].lower() in _ANSWERS:
            return answer.strip()[:1].lower()
        say(", ".join(f"{letter}: {what}" for letter, what in _ANSWERS.items()))
