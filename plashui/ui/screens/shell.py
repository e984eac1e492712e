"""Run a shell or command in an image, then ask what to do with its changes."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from textual.app import SuspendNotSupported

from plashui.base.errors import NameTaken, PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.helper import command
from plashui.helper.command import environment_for, on_terminal
from plashui.operations import mount
from plashui.operations.build import ended
from plashui.operations.session import Session, resumed, shell_session
from plashui.store.changes.saved_changes import Kept
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.run_spec import Way, command_line
from plashui.ui.dialogs.question import take_question
from plashui.ui.dialogs.shells.shell_return import (
    Discard,
    Ended,
    Keep,
    Listing,
    Park,
    ShellReturn,
)
from plashui.ui.model import undo
from plashui.ui.model.forms.new_image import taken_names
from plashui.ui.model.forms.typed import path_of
from plashui.ui.model.paths.change_tree import change_tree
from plashui.ui.platform.terminal import wait_for_enter
from plashui.ui.store_view.reader import StoreReader
from plashui.ui.store_view.view import StoreView

PATIENCE: Final = 0.3
"""Seconds to wait for the list of changes before the dialog opens without it."""

BRIEF: Final = 1.0
"""Seconds; a shell that fails sooner has not started, and its error must be read."""


class ImageShell:
    """Run shells and commands in images on the real terminal."""

    def __init__(self, view: StoreView, reader: StoreReader) -> None:
        """Run in images of `view`; `reader` shows what became of the changes."""
        self.view, self.reader, self.host = view, reader, view.host

    async def use(
        self, image: int, way: Way | None = None, *, name: NewName = UNNAMED
    ) -> None:
        """Open a shell in the image.

        `name` is the default name of the new image.
        """
        config = self.host.config
        way = (way or Way(home=config.shell_home))._replace(shell=config.shell)
        await self._begin(image, way, name=name)

    async def run_command(self, image: int, way: Way, *, thrown_away: bool) -> None:
        """Run a command; its output stays until Enter is pressed."""
        await self._begin(image, way, thrown_away=thrown_away, reads=True)

    async def _begin(
        self,
        image: int,
        way: Way,
        *,
        thrown_away: bool = False,
        reads: bool = False,
        name: NewName = UNNAMED,
    ) -> None:
        """Start a session; keep no changes if the store cannot be written."""
        store = self.view.store
        why = "was opened read-only" if self.host.read_only else ""
        if not why and not await asyncio.to_thread(os.access, store.path, os.W_OK):
            why = "is not writable"
        gone = thrown_away or bool(why)
        await self._use(
            shell_session(store, image, way, thrown_away=gone),
            reads=reads,
            name=name,
            lost=why,
        )

    async def go_on(self, found: Kept) -> None:
        """Open a shell that resumes unsaved changes."""
        await self._use(resumed(self.view.store, found), reads=bool(found.way.command))

    async def run_on_terminal(self, argv: Sequence[str], line: str) -> None:
        """Run any program; what it prints stays until Enter is pressed."""
        environment = environment_for(self.view.store.root)

        def run() -> int:
            return on_terminal(argv, environment)

        try:
            self.lend(line, run, "the command", reads=True)
        except (PlashError, OSError, SuspendNotSupported) as error:
            self.host.fail(error)
        self.reader.reread()

    async def stand_in(self, image: int) -> None:
        """Open a shell of this machine whose directory is inside the image."""

        def run() -> int:
            return mount.stand_in(self.view.store, image)

        try:
            line = command_line(["mounted", str(image)], self.view.store.root)
            status = self.lend(line, run, "the shell", reads=False)
            if status:
                self.host.tell(f"The shell {ended(status)}", severity="warning")
        except (PlashError, OSError, SuspendNotSupported) as error:
            self.host.fail(error)

    async def start(self, file: Path) -> None:
        """Run a program of this machine; its output stays until Enter is pressed."""
        try:
            run = partial(command.at_terminal, [str(file)])
            status = self.lend(shlex.quote(str(file)), run, "it", reads=True)
            if status:
                self.host.tell(f"{file.name} {ended(status)}", severity="warning")
        except (PlashError, OSError, SuspendNotSupported) as error:
            self.host.fail(error)

    async def _use(
        self,
        opening: AbstractContextManager[Session],
        *,
        reads: bool = False,
        name: NewName = UNNAMED,
        lost: str = "",
    ) -> None:
        """Run the session and settle its changes; `lost` says why none can be kept."""
        with ExitStack() as stack:
            try:
                session = await asyncio.to_thread(stack.enter_context, opening)
                what = "the command" if session.way.command else "the shell"
                status = self.lend(session.line, session.run, what, reads=reads)
                if status < 0 or (status and session.way.command):
                    words = f"{what} {ended(status)}"
                    self.host.tell(words[0].upper() + words[1:], severity="warning")
                if session.place is not None:
                    await self.settle(session, name)
                elif lost:
                    self.host.tell(f"Changes were not saved: the store {lost}")
            except (PlashError, OSError, SuspendNotSupported) as error:
                self.host.fail(error)
            await asyncio.to_thread(stack.close)
        self.reader.reread()

    def lend(self, line: str, run: Callable[[], int], what: str, *, reads: bool) -> int:
        """Run a program on the real terminal; return its exit status."""
        self.host.ran(line)
        with self.host.lent_terminal():
            write("$ " + "\n".join(map(clean, line.split("\n"))) + "\n")
            began = time.monotonic()
            status: int = run()
            if status and time.monotonic() - began < BRIEF and not reads:
                write(
                    f"\n{what.capitalize()} {ended(status)} at once. Enter goes back. "
                )
                wait_for_enter()
            elif reads:
                write(f"\n{what.capitalize()} {ended(status)}. Enter goes back. ")
                wait_for_enter()
        return status

    async def settle(
        self, session: Session, name: NewName = UNNAMED, *, what: str = ""
    ) -> None:
        """Ask about the changes until they are saved or discarded.

        `what` has made them: '' for the session's shell or command.
        """
        if not await asyncio.to_thread(session.changed):
            await self._nothing(session)
            return
        cancel = Cancel()
        listing = asyncio.ensure_future(asyncio.to_thread(_list, session, cancel))
        listing.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await asyncio.wait([listing], timeout=PATIENCE)
            if _is_empty(listing):
                await self._nothing(session)
                return
            while True:
                answer = await self._ask(session, listing, name, what)
                try:
                    await self._do(session, answer, name)
                    return
                except NameTaken as taken:
                    if await self.view.wait_for(take_question(taken)):
                        name = NewName(taken.name, force=True)
                        without = answer if isinstance(answer, Keep) else Keep("")
                        await self._keep(session, name, without)
                        return
                except (PlashError, OSError) as error:
                    self.host.fail(error)
                name = NewName(getattr(answer, "name", ""))
        finally:
            cancel.set()

    async def _ask(
        self,
        session: Session,
        listing: asyncio.Future[Listing],
        name: NewName,
        what: str,
    ) -> Keep | Park | Discard:
        forest = self.view.forest
        gone = await asyncio.to_thread(session.gone)
        ended_in = Ended(
            session.image,
            forest.label(session.image) if session.image in forest else "",
            session.line,
            taken_names(forest),
            what or ("Command" if session.way.command else "Shell"),
            gone[:1].upper() + gone[1:],
            session.resumed,
        )
        asked = ShellReturn(ended_in, listing, name.name)
        answer = await self.view.wait_for(asked)
        return answer or Park("")

    async def _do(
        self,
        session: Session,
        answer: Keep | Park | Discard,
        offered: NewName,
    ) -> None:
        """Carry out the answer; `offered` is the default name that was shown."""
        if isinstance(answer, Discard):
            await self._discard(session)
        elif isinstance(answer, Park):
            await self._park(session, answer.name)
        else:
            named = offered if answer.name == offered.name else NewName(answer.name)
            await self._keep(session, named, answer)

    async def _keep(self, session: Session, name: NewName, answer: Keep) -> None:
        owner = session.store.get_name(name.name) if name.name else None
        keep = partial(session.keep, name, without=answer.without)
        made = await asyncio.to_thread(keep)
        if owner is not None:
            self.view.journal.note(undo.took(made, name.name, owner))
        rest = ""
        if answer.drop:
            dropped = await asyncio.to_thread(session.discard_rest)
            if dropped is not None:
                words = f"Leave changes of image {session.image} out"
                self.view.journal.note(undo.removed((dropped,), words))
            rest = f"; the rest is in the trash - {self.host.key('undo')} undo"
        elif answer.without:
            rest = "; the rest stays unsaved"
        called = f" ({name.name})" if name.name else ""
        self.host.tell(f"Saved as image {made}{called}{rest}")
        self.reader.reread(made)

    async def _discard(self, session: Session) -> None:
        name = await asyncio.to_thread(session.discard)
        if name is not None:
            words = f"Discard changes of image {session.image}"
            self.view.journal.note(undo.removed((name,), words))
        key = self.host.key
        self.host.tell(f"Changes discarded - {key('undo')} undo, {key('trash')} trash")

    async def _nothing(self, session: Session) -> None:
        await asyncio.to_thread(session.forget)
        forest, image = self.view.forest, session.image
        label = forest.label(image) if image in forest else ""
        self.host.tell(f"Nothing changed in {f'{image} {label}'.strip()}")

    async def _park(self, session: Session, name: str) -> None:
        """Keep the changes for later, and say where they are."""
        directory = path_of(name, "directory") if "/" in name else None
        place = await asyncio.to_thread(session.park, directory)
        key = self.host.key
        if directory is not None:
            line = session.way.line(session.image, str(place), session.store.root)
            self.host.tell(f"Changes saved in {place} - resume with: {line}")
        elif await asyncio.to_thread(session.gone):
            self.host.tell(f"Changes kept unsaved - {key('trash')} lists them")
        else:
            self.host.tell(f"Changes kept unsaved - {key('shell')} resumes them")


def write(words: str) -> None:
    """Write to the real terminal, which is lent."""
    if sys.__stdout__ is not None:
        sys.__stdout__.write(words)
        sys.__stdout__.flush()


def _is_empty(listing: asyncio.Future[Listing]) -> bool:
    """Say whether it is known that nothing was changed."""
    if not listing.done() or listing.exception() is not None:
        return False
    return not listing.result().top.data.all


def _list(session: Session, cancel: Cancel) -> Listing:
    """List the changes, in a thread."""
    top = change_tree(session.paths(cancel=cancel), cancel)
    return Listing(top, session.changes().bytes)
