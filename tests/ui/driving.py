"""Driving the app in tests: text of a screen, waiting for conditions, goldens."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.pilot import Pilot

from plashui.core.store import Store
from plashui.ui.application import PlashuiApp
from plashui.ui.screens.main import MainScreen
from plashui.ui.widgets.treetable import TreeTable

GOLDENS: Final = Path(__file__).parent / "goldens"
PATIENCE: Final = 10.0
"""Seconds after which a condition is taken as never to come true."""


@contextmanager
def no_terminal(_app: App[Any]) -> Iterator[None]:
    """Lend nothing."""
    yield


def text_of(app: App[Any]) -> str:
    """What is on the screen, line by line, without trailing blanks."""
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


async def until(
    pilot: Pilot[None], condition: Callable[[], object], what: str = ""
) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}\n{text_of(pilot.app)}")
        await pilot.pause()
        await asyncio.sleep(0)


async def shows(pilot: Pilot[None], *words: str) -> None:
    """Wait until all these words are on the screen."""
    await until(pilot, lambda: all(w in text_of(pilot.app) for w in words), f"{words}")


async def told(pilot: Pilot[None], words: str) -> None:
    """Wait for a notification with these words."""
    app = pilot.app

    def there() -> bool:
        return any(words in n.message for n in app._notifications)

    await until(pilot, there, f"notification {words!r}")


@asynccontextmanager
async def opened(
    store: Store, size: tuple[int, int] = (120, 32), **options: Any
) -> AsyncIterator[tuple[PlashuiApp, Pilot[None]]]:
    """The app on a store, with the first screen complete."""
    options.setdefault("lender", no_terminal)
    toasts = options.pop("toasts", False)
    app = PlashuiApp(store, **options)
    async with app.run_test(size=size, notifications=toasts) as pilot:
        await shows(pilot, "disk free")
        await pilot.pause()
        yield app, pilot
        app.leave_now()


def table_of(app: PlashuiApp) -> TreeTable:
    """The tree."""
    return main_of(app).table


def main_of(app: PlashuiApp) -> MainScreen:
    """The main screen, be it on top or not."""
    return next(s for s in app.screen_stack if isinstance(s, MainScreen))


def check_golden(name: str, text: str) -> None:
    """Compare with the golden; with GOLDENS=write it is written instead."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("GOLDENS") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"{path} differs; GOLDENS=write writes it anew"
