"""A shell or a command in an image whose changes wait for a decision."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import calls, process
from plashui.image.diff import Change, changes_in
from plashui.model.forest import Usage
from plashui.operations.build import commit, environment
from plashui.store import saved_changes as keeping
from plashui.store.disk_full import say_what_makes_room
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.run_spec import Way
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path


class Changes(NamedTuple):
    """What a command changed: files (removals counted too) and bytes allocated."""

    files: int
    bytes: int


@dataclass(slots=True)
class Session:
    """A command in an image. Its changes are in `place`, if they are not thrown away.

    There they stay, whatever happens, until somebody saves or discards them.
    `resumed`: they are those of an earlier shell. `lock` holds `place` until the shell
    does.
    """

    store: Store
    image: int
    way: Way
    place: Path | None
    resumed: bool = False
    made: int | None = None
    lock: int | None = None

    @property
    def line(self) -> str:
        """The exact command line that runs it, for people."""
        return self.way.line(self.image, self._at, self.store.root)

    @property
    def _at(self) -> str:
        return str(self.place) if self.place else ""

    def run(self) -> int:
        """Run it on our terminal until it ends; its exit status (-N: signal N)."""
        verb, *words = self.way.words(self.image, self._at)
        words = [verb, *calls.lock_words(self.lock), *words]
        ours = self.way.environment(environment(self.store))
        fds = [] if self.lock is None else [self.lock]
        status = process.foreground(words, environment=ours, pass_fds=fds)
        self.let_go()
        if self.place is not None:
            keeping.put_down(self.place, self.way)
        return status

    def let_go(self) -> None:
        """Give up the lock: nothing is running."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def changed(self) -> bool:
        """Whether it changed anything so far."""
        return self.place is not None and keeping.holds_changes(self.place)

    def changes(self) -> Changes:
        """What it changed so far."""
        if self.place is None or not self.changed():
            return Changes(0, 0)
        found: list[Usage] = []
        data = str((self.place / "data").relative_to(self.store.path))
        calls.usage(self.store.path, [data], lambda _path, use: found.append(use))
        if not found:  # they are there, and must not be taken for none
            raise PlashError("the changes could not be counted")
        # A change may be a directory made or emptied: then no file, but bytes.
        return Changes(found[0].files, found[0].allocated)

    def paths(self, *, cancel: Cancel | None = None) -> list[Change]:
        """What it changed so far, path by path."""
        if self.place is None:
            return []
        return changes_in(self.store, self.image, self.place, cancel=cancel)

    def keep(self, name: NewName = UNNAMED) -> int:
        """Make the changes a new child of the image, named if asked; the new id.

        Whatever goes wrong, they are still there, and it can be tried again. Raises
        NameTaken if another image is called so.
        """
        name.check(self.store, self.made)
        if self.made is None:
            self.made = self._commit()
        name.give(self.store, self.made)
        return self.made

    def _commit(self) -> int:
        if self.place is None:
            raise PlashError("nothing was kept of it")
        self._check_image()
        self.let_go()
        words = {"command": list(self.way.command)} if self.way.command else {}
        try:
            with keeping.in_tmp(self.store, self.place) as work:
                made = commit(self.store, self.image, work, self.way.origin, **words)
                keeping.forget_note(self.store, made)
                return made
        except (PlashError, OSError) as error:
            say_what_makes_room(self.store, error)
            raise

    def _check_image(self) -> None:
        """Say what can be done if the image is gone on which a new one would stand."""
        try:
            self.store.layer(self.image)
        except PlashError as error:
            from plashui.store.trash import trashed

            gone = f"image {self.image} was removed meanwhile"
            if any(self.image in entry.ids for entry in trashed(self.store)):
                raise PlashError(
                    f"{gone}: it is in the trash",
                    "Decide later, once it is restored",
                ) from error
            raise PlashError(
                gone, "Type a directory (e.g. ./changes) to save the changes there"
            ) from error

    def park(self, directory: Path | None = None) -> Path:
        """Leave the changes for later, in the store or at a new directory; where."""
        if self.place is None:
            raise PlashError("nothing was kept of it")
        if self.made is not None:
            raise PlashError(f"the changes are in image {self.made} already")
        if directory is None:
            return self.place
        self.let_go()
        keeping.refuse_if_running(self.place)
        keeping.park_at(self.place, directory)
        if self.place.exists():
            keeping.delete(self.store, [self.place])
        return directory

    def discard(self) -> str | None:
        """Move the changes to the trash; what they are called there.

        None if there was nothing to be moved.
        """
        if self.place is None or not self.changed():
            self.forget()
            return None
        self.let_go()
        keeping.discard(self.store, self.place)
        return self.place.name

    def forget(self) -> None:
        """Delete what is kept of a command that has changed nothing."""
        self.let_go()
        if self.place is not None and self.place.exists():
            keeping.delete(self.store, [self.place])

    def gone(self) -> str:
        """What to say if the image was removed meanwhile; '' if it was not."""
        try:
            self._check_image()
        except PlashError as error:
            return str(error)
        return ""


@contextlib.contextmanager
def shell_session(
    store: Store, image: int, way: Way | None = None, *, thrown_away: bool = False
) -> Iterator[Session]:
    """A session on an image; its changes stay unsaved unless something is decided.

    `thrown_away`: nothing is kept of it, and it is never asked for.
    """
    store.layer(image)
    way = way or Way()
    if thrown_away:
        yield Session(store, image, way, None)
        return
    place, lock = keeping.begin(store, image, way)
    session = Session(store, image, way, place, lock=lock)
    try:
        yield session
    finally:
        session.let_go()
        if place.exists() and not session.changed():
            with contextlib.suppress(PlashError, OSError):  # then the next sweep does
                session.forget()


@contextlib.contextmanager
def resumed(store: Store, found: keeping.Kept) -> Iterator[Session]:
    """A session that goes on with unsaved changes."""
    store.layer(found.image)
    keeping.refuse_if_running(found.place)
    keeping.take_up(found.place, found.way)
    yield Session(store, found.image, found.way, found.place, resumed=True)
