"""A command in an image: lend the terminal, then ask what becomes of the changes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from plashui.base.errors import NameTaken, PlashError
from plashui.base.progress import Cancel
from plashui.base.text import clean
from plashui.operations.build import ended
from plashui.operations.session import Session, resumed, shell_session
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.run_spec import Way, command_line
from plashui.store.saved_changes import Kept
from plashui.ui.dialogs.question import take_question
from plashui.ui.dialogs.shell_return import (
    Discard,
    Ended,
    Keep,
    Listing,
    Park,
    ShellReturn,
)
from plashui.ui.model.change_tree import change_tree
from plashui.ui.model.forms import path_of, taken_names
from plashui.ui.platform.terminal import wait_for_enter

if TYPE_CHECKING:
    from plashui.ui.actions.family import ActingScreen

PATIENCE: Final = 0.3
"""Seconds the listing of the changes may take before it is asked what becomes of them.
"""

BRIEF: Final = 1.0
"""Seconds; a shell that failed sooner never was one, so its words must be read."""


async def use_shell(
    screen: ActingScreen, image: int, way: Way | None = None, *, name: NewName = UNNAMED
) -> None:
    """Give the terminal to a shell in the image, and come back.

    `name` is offered for the new image.
    """
    config = screen.plashui.config
    way = (way or Way(home=config.shell_home))._replace(shell=config.shell)
    await _begin(screen, image, way, name=name)


async def run_command(
    screen: ActingScreen, image: int, way: Way, *, thrown_away: bool
) -> None:
    """Give it to a command, whose output one can read before coming back."""
    await _begin(screen, image, way, thrown_away=thrown_away, reads=True)


async def _begin(
    screen: ActingScreen,
    image: int,
    way: Way,
    *,
    thrown_away: bool = False,
    reads: bool = False,
    name: NewName = UNNAMED,
) -> None:
    """With its changes in memory, where nothing can be written to the store."""
    store = screen.store
    why = "it is open for reading only" if screen.plashui.read_only else ""
    if not why and not await asyncio.to_thread(os.access, store.path, os.W_OK):
        why = "it cannot be written to"
    gone = thrown_away or bool(why)
    await _use(
        screen,
        shell_session(store, image, way, thrown_away=gone),
        reads=reads,
        name=name,
        lost=why,
    )


async def go_on(screen: ActingScreen, found: Kept) -> None:
    """Give it to a shell that goes on with unsaved changes."""
    await _use(screen, resumed(screen.store, found), reads=bool(found.way.command))


async def stand_in(screen: ActingScreen, image: int) -> None:
    """Give it to a shell of this machine that stands in the image."""
    from plashui.operations.mount import stand_in as stand

    def run() -> int:
        return stand(screen.store, image)

    try:
        line = command_line(["mounted", str(image)], screen.store.root)
        status = _lend(screen, line, run, "the shell", reads=False)
        if status:
            screen.plashui.tell(f"the shell {ended(status)}", severity="warning")
    except (PlashError, OSError, SuspendNotSupported) as error:
        screen.plashui.fail(error)


async def _use(
    screen: ActingScreen,
    opening: AbstractContextManager[Session],
    *,
    reads: bool = False,
    name: NewName = UNNAMED,
    lost: str = "",
) -> None:
    """`lost`: why nothing can be kept."""
    app = screen.plashui
    with ExitStack() as stack:
        try:
            session = await asyncio.to_thread(stack.enter_context, opening)
            what = "the command" if session.way.command else "the shell"
            status = _lend(screen, session.line, session.run, what, reads=reads)
            if status < 0 or (status and session.way.command):
                words = f"{what} {ended(status)}"
                app.tell(words[0].upper() + words[1:], severity="warning")
            if session.place is not None:
                await _settle(screen, session, name)
            elif lost:
                app.tell(f"Changes are not kept in this store: {lost}")
        except (PlashError, OSError, SuspendNotSupported) as error:
            app.fail(error)
        await asyncio.to_thread(stack.close)
    screen.reread()


def _lend(
    screen: ActingScreen, line: str, run: Callable[[], int], what: str, *, reads: bool
) -> int:
    """Run it on the real terminal; its exit status."""
    with screen.plashui.lent_terminal():
        _write(f"$ {clean(line)}\n")
        began = time.monotonic()
        status: int = run()
        if status and time.monotonic() - began < BRIEF and not reads:
            _write(f"\n{what.capitalize()} {ended(status)} at once. Enter goes back. ")
            wait_for_enter()
        elif reads:
            _write(f"\n{what.capitalize()} {ended(status)}. Enter goes back. ")
            wait_for_enter()
    return status


def _write(words: str) -> None:
    if sys.__stdout__ is not None:
        sys.__stdout__.write(words)
        sys.__stdout__.flush()


async def _settle(screen: ActingScreen, session: Session, name: NewName) -> None:
    """Ask about the changes until they are saved or discarded."""
    app = screen.plashui
    if not await asyncio.to_thread(session.changed):
        await _nothing(screen, session)
        return
    cancel = Cancel()
    listing = asyncio.ensure_future(asyncio.to_thread(_list, session, cancel))
    listing.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        await asyncio.wait([listing], timeout=PATIENCE)
        if _is_empty(listing):
            await _nothing(screen, session)
            return
        while True:
            answer = await _ask(screen, session, listing, name)
            try:
                await _do(screen, session, answer, name)
                return
            except NameTaken as taken:
                if await screen.app.push_screen_wait(take_question(taken)):
                    name = NewName(taken.name, force=True)
                    await _keep(screen, session, name)
                    return
            except (PlashError, OSError) as error:
                app.fail(error)
            name = NewName(getattr(answer, "name", ""))
    finally:
        cancel.set()


def _is_empty(listing: asyncio.Future[Listing]) -> bool:
    """Whether it is known that nothing was changed."""
    if not listing.done() or listing.exception() is not None:
        return False
    return not listing.result().top.data.all


def _list(session: Session, cancel: Cancel) -> Listing:
    """In a thread."""
    top = change_tree(session.paths(cancel=cancel), cancel)
    return Listing(top, session.changes().bytes)


async def _ask(
    screen: ActingScreen,
    session: Session,
    listing: asyncio.Future[Listing],
    name: NewName,
) -> Keep | Park | Discard:
    forest = screen.table.forest
    gone = await asyncio.to_thread(session.gone)
    ended_in = Ended(
        session.image,
        forest.label(session.image) if session.image in forest else "",
        session.line,
        taken_names(forest),
        "Command" if session.way.command else "Shell",
        gone[:1].upper() + gone[1:],
        session.resumed,
    )
    asked = ShellReturn(ended_in, listing, name.name)
    answer = await screen.app.push_screen_wait(asked)
    return answer or Park("")


async def _do(
    screen: ActingScreen,
    session: Session,
    answer: Keep | Park | Discard,
    offered: NewName,
) -> None:
    """Do what was answered; a name that was `offered` may have been asked for."""
    if isinstance(answer, Discard):
        await _discard(screen, session)
    elif isinstance(answer, Park):
        await _park(screen, session, answer.name)
    else:
        named = offered if answer.name == offered.name else NewName(answer.name)
        await _keep(screen, session, named)


async def _keep(screen: ActingScreen, session: Session, name: NewName) -> None:
    made = await asyncio.to_thread(session.keep, name)
    called = f" ({name.name})" if name.name else ""
    screen.plashui.tell(f"Saved as image {made}{called}")
    screen.reread(made)


async def _discard(screen: ActingScreen, session: Session) -> None:
    name = await asyncio.to_thread(session.discard)
    if name is not None:
        screen.can_undo((name,))
    key = screen.plashui.key
    screen.plashui.tell(f"Changes discarded - {key('undo')} undo, {key('trash')} trash")


async def _nothing(screen: ActingScreen, session: Session) -> None:
    await asyncio.to_thread(session.forget)
    forest, image = screen.table.forest, session.image
    label = forest.label(image) if image in forest else ""
    screen.plashui.tell(f"Nothing changed in {f'{image} {label}'.strip()}")


async def _park(screen: ActingScreen, session: Session, name: str) -> None:
    """Leave the changes for later; say where they are."""
    directory = path_of(name, "directory") if "/" in name else None
    place = await asyncio.to_thread(session.park, directory)
    key = screen.plashui.key
    if directory is not None:
        line = session.way.line(session.image, str(place), session.store.root)
        screen.plashui.tell(f"Changes saved in {place} - resume with: {line}")
    elif await asyncio.to_thread(session.gone):
        screen.plashui.tell(f"Changes kept unsaved - {key('trash')} lists them")
    else:
        screen.plashui.tell(f"Changes kept unsaved - {key('shell')} resumes them")
