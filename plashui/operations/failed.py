"""A command of a build that has failed, and what it left: unsaved changes."""

from __future__ import annotations

import contextlib

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from plashui.store.run_spec import Way
    from plashui.store.store import Store

_KEY: Final = "step"
"""The key in the record of unsaved changes, of the command that left them."""


class CommandFailed(PlashError):
    """A command of a build has failed.

    `place` has what it changed until then, unsaved changes of the image `parent`; None
    if that is nothing. `way` is how it was run, without the command. `shown` is what
    was to be done, `commands` what of it was run, the one that failed last. `at` is
    the place of that in a file ("" without one), `last` its last line of output, and
    `status` how it ended (-N: by signal N). `settled`: a person has decided what
    becomes of it.
    """

    def __init__(
        self,
        sentence: str,
        store: Store,
        parent: int,
        way: Way,
        shown: str,
        status: int,
        *,
        commands: tuple[str, ...] = (),
        at: str = "",
        last: str = "",
    ) -> None:
        super().__init__(sentence)
        self.store, self.parent, self.shown = store, parent, shown
        self.way = way._replace(command=(), secrets=())
        self.commands = commands or (shown,)
        self.at, self.last, self.status = at, last, status
        self.place: Path | None = None
        self.settled = False

    def keep(self, work: Path, key: str) -> None:
        """Turn a work directory into unsaved changes, if the command changed anything.

        `forget_earlier` with the same key deletes them.
        """
        from plashui.store.changes import changes_directory

        if changes_directory.holds_changes(work):
            more = {_KEY: key}
            self.place = changes_directory.keep(
                self.store, self.parent, work, self.way, more
            )


def forget_earlier(store: Store, parent: int, key: str) -> None:
    """Delete what the same command has left on an image when it failed before."""
    from plashui.store.changes import changes_directory, saved_changes
    from plashui.store.metadata import read_json

    for name in store.entries(changes_directory.KEPT):
        place = store.path / changes_directory.KEPT / name
        if name.startswith(f"{parent}-"):
            note = read_json(place / changes_directory.RECORD)
            if note.get(_KEY) == key:
                with contextlib.suppress(PlashError):
                    saved_changes.delete(store, [place])
