"""Sessions: a shell or command in an image, and a decision about its changes."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import calls, command, usage
from plashui.image.diff import Change, changes_in
from plashui.model.forest import Usage
from plashui.operations.build import ONE_OUTPUT, commit, ended, environment
from plashui.operations.failed import CommandFailed
from plashui.store.changes import changes_directory, changes_split, saved_changes
from plashui.store.disk_full import say_what_makes_room
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.store.trash.listing import trashed

if TYPE_CHECKING:
    from pathlib import Path


class Changes(NamedTuple):
    """What a command changed: the number of files, with removals, and their bytes."""

    files: int
    bytes: int


@dataclass(slots=True)
class Session:
    """A command in an image; its changes are in `place`, None if they are dropped.

    The changes stay there until a person saves or discards them. `resumed`: they were
    begun by an earlier shell. `lock` protects `place` until the shell has its own
    lock. `made` is the image made from the changes, `rest` the directory of those that
    were left out of it. `origin` says how that image was made; "": by the command.
    """

    store: Store
    image: int
    way: Way
    place: Path | None
    resumed: bool = False
    made: int | None = None
    lock: int | None = None
    rest: Path | None = None
    origin: str = ""

    @property
    def line(self) -> str:
        """The command line of the run, for people: their home directory is `~`."""
        line = self.way.line(self.image, self._at, self.store.root)
        home = os.path.expanduser("~") + "/"  # noqa: PTH111 - Path's raises
        short = self._at.removeprefix(home)
        if short == self._at or shlex.quote(self._at) != self._at:
            return line
        return line.replace(self._at, f"~/{short}")

    @property
    def _at(self) -> str:
        return str(self.place) if self.place else ""

    def run(self, *, pass_fds: Sequence[int] = ()) -> int:
        """Run the command on this process's terminal; return its exit status.

        The status is -N if signal N killed the command. `pass_fds` stay open in it.
        """
        verb, *words = self.way.words(self.image, self._at)
        one = [ONE_OUTPUT] if self.way.build and self._at else []
        words = [verb, *calls.lock_words(self.lock), *one, *words]
        ours = self.way.environment(environment(self.store))
        fds = [*pass_fds, *([] if self.lock is None else [self.lock])]
        status = command.foreground(words, environment=ours, pass_fds=fds)
        self.let_go()
        if self.place is not None:
            changes_directory.put_down(self.place, self.way)
        return status

    def let_go(self) -> None:
        """Release the lock."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def changed(self) -> bool:
        """Return whether the command has changed anything."""
        return self.place is not None and changes_directory.holds_changes(self.place)

    def changes(self) -> Changes:
        """Count what the command has changed."""
        if self.place is None or not self.changed():
            return Changes(0, 0)
        found: list[Usage] = []
        data = str((self.place / "data").relative_to(self.store.path))
        usage.usage(self.store.path, [data], lambda _path, use: found.append(use))
        if not found:  # there are changes, which must not count as none
            raise PlashError("the changes could not be counted")
        # A change may be a directory made or emptied, which has bytes but no file.
        return Changes(found[0].files, found[0].allocated)

    def paths(self, *, cancel: Cancel | None = None) -> list[Change]:
        """List what the command has changed, path by path."""
        if self.place is None:
            return []
        return changes_in(self.store, self.image, self.place, cancel=cancel)

    def keep(self, name: NewName = UNNAMED, *, without: Collection[str] = ()) -> int:
        """Make the changes a new child of the image; return the new id.

        The paths in `without` are left out: they stay unsaved, in `rest`. After an
        error all changes are still there, and this can be called again. Raises
        NameTaken if another image has the name.
        """
        name.check(self.store, self.made)
        if self.made is None:
            self.made = self._commit_without(without) if without else self._commit()
        name.give(self.store, self.made)
        return self.made

    def _commit_without(self, paths: Collection[str]) -> int:
        if self.place is None:
            raise PlashError("the changes were not kept")
        self._check_image()
        self.let_go()
        chosen = [path.strip("/") for path in paths]
        rest = changes_split.split_off(self.store, self.place, chosen, self.way)
        try:
            made = self._commit()
        except BaseException:
            changes_split.join(self.store, rest, self.place)
            raise
        self.rest = rest
        return made

    def discard_rest(self) -> str | None:
        """Move what `keep` has left out to the trash; return its name there."""
        if self.rest is None:
            return None
        saved_changes.discard(self.store, self.rest)
        return self.rest.name

    def _commit(self) -> int:
        if self.place is None:
            raise PlashError("the changes were not kept")
        self._check_image()
        self.let_go()
        words = {"command": list(self.way.command)} if self.way.command else {}
        try:
            with changes_directory.in_tmp(self.store, self.place) as work:
                origin = self.origin or self.way.origin
                made = commit(self.store, self.image, work, origin, more=words)
                changes_directory.forget_note(self.store, made)
                return made
        except (PlashError, OSError) as error:
            say_what_makes_room(self.store, error)
            raise

    def _check_image(self) -> None:
        """Raise PlashError, with a remedy, if the image has been removed."""
        try:
            self.store.layer(self.image)
        except PlashError as error:
            gone = f"image {self.image} was removed meanwhile"
            if any(self.image in entry.ids for entry in trashed(self.store)):
                raise PlashError(
                    f"{gone}: it is in the trash",
                    "Decide later, after restoring it",
                ) from error
            raise PlashError(
                gone, "Type a directory (e.g. ./changes) to save the changes there"
            ) from error

    def park(self, directory: Path | None = None) -> Path:
        """Leave the changes in the store, or at a new directory; return the place."""
        if self.place is None:
            raise PlashError("the changes were not kept")
        if self.made is not None:
            raise PlashError(f"the changes are in image {self.made} already")
        if directory is None:
            return self.place
        self.let_go()
        changes_directory.refuse_if_running(self.place)
        changes_directory.park_at(self.place, directory)
        if self.place.exists():
            saved_changes.delete(self.store, [self.place])
        return directory

    def discard(self) -> str | None:
        """Move the changes to the trash; return their name there.

        None if nothing was changed.
        """
        if self.place is None or not self.changed():
            self.forget()
            return None
        self.let_go()
        saved_changes.discard(self.store, self.place)
        return self.place.name

    def forget(self) -> None:
        """Delete the directory of a command that has changed nothing."""
        self.let_go()
        if self.place is not None and self.place.exists():
            saved_changes.delete(self.store, [self.place])

    def gone(self) -> str:
        """Describe that the image has been removed, for people; '' if it exists."""
        try:
            self._check_image()
        except PlashError as error:
            return str(error)
        return ""


@contextlib.contextmanager
def shell_session(
    store: Store, image: int, way: Way | None = None, *, thrown_away: bool = False
) -> Iterator[Session]:
    """Start a session on an image; its changes stay unsaved until a decision.

    `thrown_away`: drop the changes when the command ends.
    """
    store.layer(image)
    way = way or Way()
    if thrown_away:
        yield Session(store, image, way, None)
        return
    place, lock = changes_directory.begin(store, image, way)
    session = Session(store, image, way, place, lock=lock)
    try:
        yield session
    finally:
        session.let_go()
        if place.exists() and not session.changed():
            with contextlib.suppress(PlashError, OSError):  # the next sweep does it
                session.forget()


@contextlib.contextmanager
def resumed(store: Store, found: saved_changes.Kept) -> Iterator[Session]:
    """Start a session that resumes unsaved changes."""
    store.layer(found.image)
    changes_directory.refuse_if_running(found.place)
    changes_directory.take_up(found.place, found.way)
    yield Session(store, found.image, found.way, found.place, resumed=True)


def build_on_terminal(store: Store, image: int, way: Way) -> int:
    """Run the command of a build on this process's terminal; return the new image.

    Raises CommandFailed, and keeps what it changed, if its exit status is not 0.
    """
    with shell_session(store, image, way) as session:
        status = session.run()
        if status == 0:
            return session.keep()
        if status == -signal.SIGINT:
            session.forget()
            raise KeyboardInterrupt
        sentence = f"no image made: {way.origin} {ended(status)}"
        failed = CommandFailed(sentence, store, image, way, way.origin, status)
        failed.place = session.place if session.changed() else None
        raise failed
