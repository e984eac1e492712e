"""After a step has failed: a shell in what it left, and going on from there."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.operations import session
from plashui.recipes.build import Resumed
from plashui.recipes.plan import Run
from plashui.store.changes import saved_changes

if TYPE_CHECKING:
    from typing import Final

    from plashui.operations.session import Session
    from plashui.recipes.step import StepFailed
    from plashui.store.store import Store


_MOST: Final = 8
"""Commands before the one that failed that are told."""


class StepShell:
    """A shell in the state that a step left when it failed.

    What it changed stays in the store as unsaved changes until a person decides. The
    commands of the step are in its history.
    """

    def __init__(self, failed: StepFailed, opened: Session, history: int) -> None:
        """Take a session, and the descriptor of a history."""
        self.failed, self.session, self._history = failed, opened, history
        line = f"HISTFILE=/dev/fd/{history}"
        way = opened.way
        opened.way = way._replace(command=(), variables=(*way.variables, line))

    def run(self) -> int:
        """Run the shell on this process's terminal; return its exit status."""
        return self.session.run(pass_fds=[self._history])

    def go_on(self) -> Resumed:
        """Make the state an image, from which a build of the same plan goes on."""
        doing = self.failed.doing
        return Resumed(doing.parent, doing.seen.key, self.session.keep())

    def told(self) -> list[str]:
        """Return what the step ran as lines: some shells have no history of a file."""
        *before, last = commands(self.failed) or [""]
        ran = [f"  {one}" for one in before[-_MOST:]]
        return ["The step ran this, of which the last has failed:", *ran, f"> {last}"]

    @property
    def kept(self) -> str:
        """The name of the unsaved changes; "" if there are none."""
        place = self.session.place
        return place.name if place and self.session.changed() else ""


@contextlib.contextmanager
def step_shell(store: Store, failed: StepFailed) -> Iterator[StepShell]:
    """Open the state of a failed step for the block."""
    with _session(store, failed) as opened, _history(commands(failed)) as descriptor:
        yield StepShell(failed, opened, descriptor)


def commands(failed: StepFailed) -> list[str]:
    """Return what the step ran, the command that failed last, each in a line."""
    found = failed.commands
    if not found and isinstance(failed.doing.seen.step, Run):
        words = failed.doing.seen.step.command
        text = words[-1] if words[1:2] == ("-c",) else shlex.join(words)
        found = [text]
    return ["; ".join(filter(None, one.split("\n"))) for one in found]


@contextlib.contextmanager
def _session(store: Store, failed: StepFailed) -> Iterator[Session]:
    if failed.place is None:
        with session.shell_session(store, failed.doing.parent, failed.way) as opened:
            yield opened
        return
    found = [one for one in saved_changes.kept(store) if one.place == failed.place]
    if not found:
        raise PlashError(
            f"the changes {failed.place.name} are gone",
            "Build it again: the steps before this one are in the cache",
        )
    kept = found[0]._replace(way=failed.way)
    with session.resumed(store, kept) as opened:
        yield opened


@contextlib.contextmanager
def _history(lines: Sequence[str]) -> Iterator[int]:
    """Open a history that has the commands of a step; give its descriptor."""
    descriptor = os.memfd_create("history")
    try:
        os.write(descriptor, os.fsencode("".join(f"{one}\n" for one in lines)))
        yield descriptor
    finally:
        os.close(descriptor)
