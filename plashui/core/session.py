"""A shell or a command in an image whose changes wait for a decision."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from plashui.core import engine, helper
from plashui.core import kept as keeping
from plashui.core.build import commit, environment
from plashui.core.errors import PlashError
from plashui.core.forest import Usage
from plashui.core.room import say_what_makes_room
from plashui.core.store import Store, WorkDir, check_new_name
from plashui.core.way import Way

if TYPE_CHECKING:
    from pathlib import Path


class Changes(NamedTuple):
    """What a command changed: files (removals counted too) and bytes allocated."""

    files: int
    bytes: int


@dataclass(slots=True)
class Session:
    """A command in an image. Its changes are in `place`, if they are not thrown away.

    `kept`: they were kept before, and stay where they are until something is decided.
    """

    store: Store
    image: int
    way: Way
    place: Path | None
    kept: bool = False
    made: int | None = None

    @property
    def line(self) -> str:
        """The exact command line that runs it, for people."""
        return self.way.line(self.image, self._at, self.store.root)

    @property
    def _at(self) -> str:
        return str(self.place) if self.place else ""

    def run(self) -> int:
        """Run it on our terminal until it ends; its exit status (-N: signal N)."""
        words = self.way.words(self.image, self._at)
        ours = self.way.environment(environment(self.store))
        return helper.foreground(words, environment=ours)

    def changed(self) -> bool:
        """Whether it changed anything so far."""
        if self.place is None:
            return False
        try:
            with os.scandir(self.place / "data") as entries:
                return next(entries, None) is not None
        except FileNotFoundError:
            return False
        except OSError:  # its owner or mode is another one now
            return True

    def changes(self) -> Changes:
        """What it changed so far."""
        if self.place is None or not self.changed():
            return Changes(0, 0)
        found: list[Usage] = []
        data = str((self.place / "data").relative_to(self.store.path))
        engine.usage(self.store.path, [data], lambda _path, use: found.append(use))
        if not found:  # they are there, and must not be taken for none
            raise PlashError("the changes could not be counted")
        # A change may be a directory made or emptied: then no file, but bytes.
        return Changes(found[0].files, found[0].allocated)

    def keep(self, name: str | None = None) -> int:
        """Make the changes a new child of the image, named if asked; the new id.

        Whatever goes wrong, they are still there, and it can be tried again.
        """
        if name:
            check_new_name(name)
        if self.made is None:
            self.made = self._commit()
        if name:
            self.store.set_name(name, self.made)
        return self.made

    def _commit(self) -> int:
        if self.place is None:
            raise PlashError("nothing was kept of it")
        self._check_image()
        words = {"command": list(self.way.command)} if self.way.command else {}
        try:
            with contextlib.ExitStack() as stack:
                work = WorkDir(self.place.name, self.place)
                if self.kept:
                    work = stack.enter_context(keeping.in_tmp(self.store, self.place))
                made = commit(self.store, self.image, work, self.way.origin, **words)
                keeping.forget_note(self.store, made)
                return made
        except (PlashError, OSError) as error:
            keeping.undo_commit(self.place)
            say_what_makes_room(self.store, error)
            raise

    def _check_image(self) -> None:
        """Say what can be done if the image is gone on which a new one would stand."""
        try:
            self.store.layer(self.image)
        except PlashError as error:
            from plashui.core.trash import trashed

            gone = f"image {self.image}, on which they stand, is not there any more"
            if any(self.image in entry.ids for entry in trashed(self.store)):
                raise PlashError(
                    f"{gone}: it is in the trash",
                    "Go on with the changes later, once it is restored",
                ) from error
            raise PlashError(
                gone, "A directory's name, as in ./changes, keeps them"
            ) from error

    def park(self, directory: Path | None = None) -> Path:
        """Keep the changes to go on with, in the store or at a new directory; where."""
        if self.place is None:
            raise PlashError("nothing was kept of it")
        if self.made is not None:
            raise PlashError(f"the changes are in image {self.made} already")
        if directory is not None:
            keeping.park_at(self.place, directory)
            if self.kept and self.place.exists():
                keeping.discard(self.store, self.place)
            return directory
        if not self.kept:
            self.place = keeping.park(self.store, self.place, self.image, self.way)
            self.kept = True
        return self.place

    def discard(self) -> None:
        """Throw the changes away."""
        if self.kept and self.place is not None and self.place.exists():
            keeping.discard(self.store, self.place)


@contextlib.contextmanager
def shell_session(
    store: Store, image: int, way: Way | None = None, *, thrown_away: bool = False
) -> Iterator[Session]:
    """A session on an image; changes not kept by the end of the block are discarded.

    `thrown_away`: the kernel does that, and they are never asked for.
    """
    store.layer(image)
    way = way or Way()
    if thrown_away:
        yield Session(store, image, way, None)
        return
    with store.workdir() as work, keeping.place_held(store):
        yield Session(store, image, way, work.path)


@contextlib.contextmanager
def resumed(store: Store, found: keeping.Kept) -> Iterator[Session]:
    """A session that goes on with kept changes; they stay unless it discards them."""
    store.layer(found.image)
    yield Session(store, found.image, found.way, found.place, kept=True)
