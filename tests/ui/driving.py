"""Driving the app in tests: text of a screen, waiting for conditions, goldens."""

from __future__ import annotations

import asyncio
import difflib
import io
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from textual.app import App
from textual.pilot import Pilot

from plashui.helper.listing import Entry
from plashui.image.diff import Change
from plashui.store.store import Store
from plashui.ui.application import PlashuiApp
from plashui.ui.dialogs.shells.shell_return import Ended, Listing, ShellReturn
from plashui.ui.model.paths.change_tree import change_tree
from plashui.ui.screens.main import MainScreen
from plashui.ui.store_view.parts import Parts
from plashui.ui.store_view.view import StoreView
from plashui.ui.widgets.tree_table import TreeTable
from tests.ui.answers import ask_the_living

GOLDENS: Final = Path(__file__).parent / "goldens"
PATIENCE: Final = 60.0
"""Seconds after which a condition is taken as never to come true."""


def entry(name: str, kind: str = "-", size: int = 0) -> Entry:
    """Something in a directory."""
    return Entry(name, kind, 0o644, 0, 0, size, size, 0)


CHANGED: Final = (
    Change("/etc/ld.so.cache", entry("a"), entry("a", size=49_000), ("content",)),
    Change("/usr/bin/htop", None, entry("b", size=7_800_000)),
    Change("/usr/share/doc", entry("d", "d"), None),
    Change("/var/lib/apt", None, entry("c", "d")),
    Change("/var/lib/apt/one", None, entry("c", size=4_000_000)),
    Change("/var/lib/apt/two", None, entry("c", size=151_000)),
)
"""What a shell changed."""


@contextmanager
def no_terminal(_app: App[Any]) -> Iterator[None]:
    """Lend nothing."""
    yield


def text_of(app: App[Any]) -> str:
    """What is on the terminal, line by line, without trailing blanks."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        record=True,
        legacy_windows=False,
    )
    console.print(
        app.screen._compositor.render_update(
            full=True, screen_stack=app._background_screens
        )
    )
    lines = console.export_text(styles=False).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


async def until(
    pilot: Pilot[None], condition: Callable[[], object], what: str = ""
) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + PATIENCE
    tries = 0
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}\n{text_of(pilot.app)}")
        await pilot.pause()
        # A thread that works gets no turn beside one that asks all the time.
        await asyncio.sleep(0.01 if tries > 3 else 0)
        tries += 1


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
        ask_the_living(pilot)
        await shows(pilot, " free")
        await pilot.pause()
        try:
            yield app, pilot
        finally:
            app.jobs.cancel_all()  # else a test that failed waits for them for ever
        app.leave_now()


def shell_return(
    ended: Ended, changes: Iterable[Change] = (), count: int = 0, name: str = ""
) -> ShellReturn:
    """The question after a shell in which all that was changed."""
    listing: asyncio.Future[Listing] = asyncio.get_running_loop().create_future()
    listing.set_result(Listing(change_tree(changes), count))
    return ShellReturn(ended, listing, name)


def table_of(app: PlashuiApp) -> TreeTable:
    """The tree."""
    return view_of(app).table


def main_of(app: PlashuiApp) -> MainScreen:
    """The main screen, be it on top or not."""
    return next(s for s in app.screen_stack if isinstance(s, MainScreen))


def parts_of(app: PlashuiApp) -> Parts:
    """The objects that the main screen holds."""
    return main_of(app).parts


def view_of(app: PlashuiApp) -> StoreView:
    """What the main screen shows."""
    return parts_of(app).view


async def matches_golden(pilot: Pilot[None], name: str) -> None:
    """Wait until the screen is as the golden says; GOLDENS=write writes it instead."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("GOLDENS") == "write":
        for _ in range(5):
            await pilot.pause()
        path.write_text(text_of(pilot.app))
    wanted = path.read_text()
    end = time.monotonic() + PATIENCE / 2
    while (text := text_of(pilot.app)) != wanted:
        if time.monotonic() > end:
            changes = difflib.unified_diff(wanted.splitlines(), text.splitlines(), n=0)
            shown = "\n".join(changes)
            raise AssertionError(f"{path} (GOLDENS=write writes it anew)\n{shown}")
        await pilot.pause()
