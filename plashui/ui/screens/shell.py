"""A shell in an image: lend the terminal, then ask what becomes of the changes."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from plashui.core.build import Session, ended, shell_session
from plashui.core.errors import PlashError
from plashui.core.text import clean
from plashui.ui.terminal import wait_for_enter

if TYPE_CHECKING:
    from plashui.ui.screens.acting import ActingScreen

BRIEF: Final = 1.0
"""Seconds; a shell that failed sooner never was one, so its words must be read."""


async def use_shell(screen: ActingScreen, image: int) -> None:
    """Give the terminal to a shell in the image, and come back."""
    app = screen.plashui
    command = [[app.config.shell]] if app.config.shell else []  # else root's own
    with ExitStack() as stack:
        try:
            session = await asyncio.to_thread(
                stack.enter_context, shell_session(screen.store, image, *command)
            )
            status = _lend(screen, session)
            if status:
                app.tell(f"the shell {ended(status)}", severity="warning")
            await _settle(screen, session)
        except (PlashError, OSError, SuspendNotSupported) as error:
            app.fail(error)
        await asyncio.to_thread(stack.close)
    screen.reread()


def _lend(screen: ActingScreen, session: Session) -> int:
    """Run the shell on the real terminal; its exit status."""
    app = screen.plashui
    with app.lender(app), app.guard.rested() if app.guard else nullcontext():
        _write(f"$ {clean(session.line)}\n")
        began = time.monotonic()
        status = session.run()
        if status and time.monotonic() - began < BRIEF:
            _write(f"\nThe shell {ended(status)} at once. Enter goes back. ")
            wait_for_enter()
    return status


def _write(words: str) -> None:
    if sys.__stdout__ is not None:
        sys.__stdout__.write(words)
        sys.__stdout__.flush()


async def _settle(screen: ActingScreen, session: Session) -> None:
    """Ask about the changes until they are kept or thrown away."""
    from plashui.ui.screens.shell_return import ShellReturn

    app = screen.plashui
    changes = await asyncio.to_thread(session.changes)
    if not changes.files and not changes.bytes:
        app.tell("no changes")
        return
    if app.read_only:
        app.tell("changes discarded: the store is open for reading only")
        return
    forest = screen.table.forest
    label = forest.label(session.image) if session.image in forest else ""
    name = ""
    while True:
        asked = ShellReturn(session.image, label, session.line, *changes, name)
        answer = await app.push_screen_wait(asked)
        if answer is None:
            app.tell("changes discarded")
            return
        name = answer.name
        try:
            made = await asyncio.to_thread(session.keep, name or None)
        except (PlashError, OSError) as error:
            app.fail(error)
            continue
        app.tell(f"kept as image {made}" + (f", {name}" if name else ""))
        screen.reread(made)
        return
