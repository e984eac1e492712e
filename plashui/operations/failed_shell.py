"""After a command of a build has failed: a shell in what it left."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.operations import session
from plashui.store.changes import saved_changes
from plashui.store.new_name import UNNAMED, NewName

if TYPE_CHECKING:
    from typing import Final

    from plashui.operations.failed import CommandFailed
    from plashui.operations.session import Session


_MOST: Final = 8
"""Commands before the one that failed that are told."""


class FailedShell:
    """A shell in the state that a command left when it failed.

    What it changed stays in the store as unsaved changes until a person decides. The
    commands that were run are in its history.
    """

    def __init__(self, failed: CommandFailed, opened: Session, history: int) -> None:
        """Take a session, and the descriptor of a history."""
        self.failed, self.session, self._history = failed, opened, history
        opened.origin = f"{failed.shown}, by hand"
        line = f"HISTFILE=/dev/fd/{history}"
        way = opened.way
        opened.way = way._replace(command=(), variables=(*way.variables, line))

    def run(self) -> int:
        """Run the shell on this process's terminal; return its exit status."""
        return self.session.run(pass_fds=[self._history])

    def keep(self, name: NewName = UNNAMED) -> int:
        """Make the state the image that the command should have made; return its id."""
        return self.session.keep(name)

    def told(self) -> list[str]:
        """Return what was run as lines: some shells have no history of a file."""
        *before, last = commands(self.failed)
        if not before:
            return ["This has failed:", f"> {last}"]
        ran = [f"  {one}" for one in before[-_MOST:]]
        return ["The step ran this, of which the last has failed:", *ran, f"> {last}"]

    @property
    def kept(self) -> str:
        """The name of the unsaved changes; "" if there are none."""
        place = self.session.place
        return place.name if place and self.session.changed() else ""


@contextlib.contextmanager
def failed_shell(failed: CommandFailed) -> Iterator[FailedShell]:
    """Open the state of a failed command for the block."""
    with _session(failed) as opened, _history(commands(failed)) as descriptor:
        yield FailedShell(failed, opened, descriptor)


def commands(failed: CommandFailed) -> list[str]:
    """Return what was run, the command that failed last, each in a line."""
    return ["; ".join(filter(None, one.split("\n"))) for one in failed.commands]


@contextlib.contextmanager
def _session(failed: CommandFailed) -> Iterator[Session]:
    store = failed.store
    if failed.place is None:
        with session.shell_session(store, failed.parent, failed.way) as opened:
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
    """Open a history that has these commands; give its descriptor."""
    descriptor = os.memfd_create("history")
    try:
        os.write(descriptor, os.fsencode("".join(f"{one}\n" for one in lines)))
        yield descriptor
    finally:
        os.close(descriptor)
