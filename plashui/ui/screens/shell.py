"""A command in an image: lend the terminal, then ask what becomes of the changes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from plashui.core.build import ended
from plashui.core.errors import PlashError
from plashui.core.kept import Kept
from plashui.core.session import Session, resumed, shell_session
from plashui.core.text import clean
from plashui.core.way import Way, command_line
from plashui.ui.forms import path_of
from plashui.ui.terminal import wait_for_enter

if TYPE_CHECKING:
    from plashui.ui.screens.acting import ActingScreen

BRIEF: Final = 1.0
"""Seconds; a shell that failed sooner never was one, so its words must be read."""


async def use_shell(
    screen: ActingScreen, image: int, way: Way | None = None, *, name: str = ""
) -> None:
    """Give the terminal to a shell in the image, and come back.

    `name` is offered for the new image.
    """
    way = (way or Way())._replace(shell=screen.plashui.config.shell)
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
    name: str = "",
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
    """Give it to what was kept to go on with."""
    await _use(screen, resumed(screen.store, found), reads=bool(found.way.command))


async def stand_in(screen: ActingScreen, image: int) -> None:
    """Give it to a shell of this machine that stands in the image."""
    from plashui.core.mount import stand_in as stand

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
    name: str = "",
    lost: str = "",
) -> None:
    """`lost`: why nothing can be kept."""
    app = screen.plashui
    with ExitStack() as stack:
        try:
            session = await asyncio.to_thread(stack.enter_context, opening)
            what = "the command" if session.way.command else "the shell"
            status = _lend(screen, session.line, session.run, what, reads=reads)
            if status:
                app.tell(f"{what} {ended(status)}", severity="warning")
            if session.place is not None:
                await _settle(screen, session, name)
            elif lost:
                app.tell(f"changes are not kept in this store: {lost}")
        except (PlashError, OSError, SuspendNotSupported) as error:
            app.fail(error)
        await asyncio.to_thread(stack.close)
    screen.reread()


def _lend(
    screen: ActingScreen, line: str, run: Callable[[], int], what: str, *, reads: bool
) -> int:
    """Run it on the real terminal; its exit status."""
    app = screen.plashui
    with app.lender(app), app.guard.rested() if app.guard else nullcontext():
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


async def _settle(screen: ActingScreen, session: Session, name: str = "") -> None:
    """Ask about the changes until they are kept or thrown away."""
    from plashui.ui.screens.shell_return import Park, ShellReturn

    app = screen.plashui
    kept = session.kept
    if not await asyncio.to_thread(session.changed):
        await _nothing(screen, session)
        return
    # Whoever is killed while he asks finds them there again. One rename; if there
    # is no room even for that, he is asked all the same.
    with suppress(PlashError, OSError):
        await asyncio.to_thread(session.park)
    try:
        changes = await asyncio.to_thread(session.changes)
    except (PlashError, OSError) as error:
        app.fail(error)  # nobody knows what they are: they are not thrown away
        await _park(screen, session, "")
        return
    if not changes.files and not changes.bytes:
        await _nothing(screen, session)
        return
    forest = screen.table.forest
    label = forest.label(session.image) if session.image in forest else ""
    while True:
        asked = ShellReturn(
            session.image,
            label,
            session.line,
            *changes,
            name,
            kept=kept,
            command=bool(session.way.command),
        )
        try:
            answer = await app.push_screen_wait(asked)
        except asyncio.CancelledError:
            with suppress(PlashError, OSError):  # the app ends without an answer
                session.park()
            raise
        try:
            if answer is None:
                await asyncio.to_thread(session.discard)
                app.tell("changes discarded")
                return
            name = answer.name
            if isinstance(answer, Park):
                await _park(screen, session, name)
                return
            before = screen.store.get_name(name) if name else None
            made = await asyncio.to_thread(session.keep, name or None)
        except (PlashError, OSError) as error:
            app.fail(error)
            continue
        words = f"kept as image {made}" + (f", {name}" if name else "")
        if before not in (None, made):
            words += f"; image {before} was called so until now"
        app.tell(words)
        screen.reread(made)
        return


async def _nothing(screen: ActingScreen, session: Session) -> None:
    await asyncio.to_thread(session.discard)
    screen.plashui.tell("no changes")


async def _park(screen: ActingScreen, session: Session, name: str) -> None:
    """Keep the changes to go on with; say where they are."""
    directory = path_of(name, "directory") if "/" in name else None
    place = await asyncio.to_thread(session.park, directory)
    line = session.way.line(session.image, str(place), session.store.root)
    key = screen.plashui.key("shell")
    how = f"{key} on the image, or" if directory is None else "Go on with"
    screen.plashui.tell(f"changes are kept in {place}. {how}: {line}")
