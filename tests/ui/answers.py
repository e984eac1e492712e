"""Waiting until all that is on the screen has done what it was told.

Pilot does so by telling every widget something and waiting for each to have done it:
until WaitForScreenTimeout, if one never does. That is no sign of one who is busy: one
that fails on its way out (the app lets it, see `PlashuiApp._is_farewell`) ends with
what it was told unread. Here those are not waited for, and whoever holds all up has a
name.
"""

from __future__ import annotations

import asyncio
import io
import time
from typing import Any, Final

from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot

LONG: Final = 30.0
"""Seconds after which one who does not answer hangs."""

_LOOK: Final = 0.1
"""Seconds between two looks at who has ended meanwhile."""


async def all_answer(app: App[Any], timeout: float = LONG) -> bool:
    """Wait for all on the screen; whether each has done what it was told."""
    if not app.screen_stack:
        return False
    waiting: set[MessagePump] = set()
    answered = asyncio.Event()

    def answer(pump: MessagePump) -> None:
        waiting.discard(pump)
        if not waiting:
            answered.set()

    for pump in (app, *app.screen.walk_children(with_self=True)):
        if pump.call_later(answer, pump):
            waiting.add(pump)
    end = time.monotonic() + timeout
    lost = False
    while waiting:
        try:
            await asyncio.wait_for(answered.wait(), _LOOK)
        except TimeoutError:
            gone = {pump for pump in waiting if _has_ended(pump)}
            waiting -= gone
            lost = lost or bool(gone)
        if app._exception_event.is_set():
            return False
        if waiting and time.monotonic() > end:
            raise AssertionError(f"they do not answer: {waiting}\n{_who_does_what()}")
    return not lost


def _has_ended(pump: MessagePump) -> bool:
    return pump._task is None or pump._task.done()


def _who_does_what() -> str:
    text = io.StringIO()
    for task in asyncio.all_tasks():
        print(task.get_name(), file=text)
        task.print_stack(limit=4, file=text)
    return text.getvalue()


def ask_the_living(pilot: Pilot[Any]) -> None:
    """Let the pilot wait like that from now on."""

    async def wait(timeout: float = LONG) -> bool:
        return await all_answer(pilot.app, timeout)

    setattr(pilot, "_wait_for_screen", wait)  # noqa: B010 - mypy minds the other
