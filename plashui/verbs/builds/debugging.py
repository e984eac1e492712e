"""A shell in a step of a build that failed, and what becomes of it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.operations import session
from plashui.recipes.build import Resumed
from plashui.store import saved_changes
from plashui.verbs.shared.output import say

if TYPE_CHECKING:
    from typing import Final

    from plashui.operations.session import Session
    from plashui.recipes.step import StepFailed
    from plashui.store.store import Store

_ANSWERS: Final = {"g": "go on", "k": "keep", "d": "discard", "s": "shell"}


def debugged(place: Store, failed: StepFailed) -> Resumed:
    """Open a shell in the state of a failed step; return what to go on from.

    Raises PlashError if the person keeps or discards the state instead.
    """
    with _shell(place, failed) as shell, _history(failed.commands) as descriptor:
        line = f"HISTFILE=/dev/fd/{descriptor}"
        shell.way = shell.way._replace(
            command=(), variables=(*shell.way.variables, line)
        )
        answer = "s"
        while answer == "s":
            shell.run(pass_fds=[descriptor])
            answer = _asked()
        if answer == "g":
            image = shell.keep()
            return Resumed(failed.doing.parent, failed.doing.seen.key, image)
        if answer == "d":
            shell.forget()
            raise PlashError("nothing was built: the failed step was discarded")
        kept = shell.place.name if shell.place and shell.changed() else ""
        remedy = f"`plash rm {kept}` removes it" if kept else ""
        raise PlashError("nothing was built: the failed step was kept", remedy)


@contextlib.contextmanager
def _shell(place: Store, failed: StepFailed) -> Iterator[Session]:
    if failed.place is None:
        with session.shell_session(place, failed.doing.parent, failed.way) as shell:
            yield shell
        return
    found = [one for one in saved_changes.kept(place) if one.place == failed.place]
    if not found:
        raise PlashError(f"the changes {failed.place.name} are gone")
    kept = found[0]._replace(way=failed.way)
    with session.resumed(place, kept) as shell:
        yield shell


@contextlib.contextmanager
def _history(commands: list[str]) -> Iterator[int]:
    """Open a history that has the commands of the step; give its descriptor."""
    descriptor = os.memfd_create("history")
    try:
        os.write(descriptor, "".join(f"{one}\n" for one in commands).encode())
        yield descriptor
    finally:
        os.close(descriptor)


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
