"""Takes the pictures README shows: the real app, on the real demo store.

`python screenshots/take.py [DIRECTORY]` writes PNGs there (default: beside this file).
Needs rsvg-convert (Debian: librsvg2-bin) and the font Fira Code (fonts-firacode).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from plashui.operations.session import Session
from plashui.store.store import Store
from plashui.transfer.demo.make import in_use, make
from plashui.ui.application import PlashuiApp
from plashui.ui.model.images.order import Order
from plashui.ui.screens.main import MainScreen

HERE: Final = Path(__file__).parent
ZOOM: Final = 1.3
SIZE: Final = (140, 38)

Story = Callable[[PlashuiApp, "Pilot[None]"], Awaitable[None]]


@contextmanager
def no_terminal(_app: App[Any]) -> Iterator[None]:
    """Lend nothing: there is no terminal here."""
    yield


def to_png(svg: str, target: Path) -> None:
    """Draw a screenshot of Textual's; without the fix its blanks would be lost."""
    fixed = svg.replace("<text ", '<text xml:space="preserve" ')
    words = ["rsvg-convert", "--zoom", str(ZOOM), "--output", str(target)]
    subprocess.run(words, input=fixed.encode(), check=True)


async def take(store: Store, target: Path, story: Story) -> None:
    """Open the app, tell it the story, take the picture."""
    app = PlashuiApp(store, lender=no_terminal)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await story(app, pilot)
        await settle(pilot)
        to_png(app.export_screenshot(title="plashui"), target)
        app.leave_now()
    print(target)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until all is counted and told."""
    for _ in range(20):
        await pilot.pause(0.1)
        screen = pilot.app.screen
        if not isinstance(screen, MainScreen) or (
            screen.parts.view.table.forest.total().known
            and screen.parts.view.details.has_facts
        ):
            break
    await pilot.pause(0.1)


def main_screen(app: PlashuiApp) -> MainScreen:
    """Return the screen with the tree."""
    return next(s for s in app.screen_stack if isinstance(s, MainScreen))


async def look(app: PlashuiApp, pilot: Pilot[None]) -> None:
    """The tree, the biggest first, with the details of an image in use."""
    view = main_screen(app).parts.view
    view.table.sort(Order.SUBTREE)
    view.table.reveal(view.store.resolve("web"))
    await pilot.pause(2)


async def remove(app: PlashuiApp, pilot: Pilot[None]) -> None:
    """The preview of a removal."""
    await go_to(app, "python")
    await pilot.press("d")
    await pilot.pause(1)


async def use_shell(app: PlashuiApp, pilot: Pilot[None]) -> None:
    """Back from a shell that changed something."""
    await go_to(app, "debian")
    await pilot.press("enter")
    await pilot.pause(2)
    await pilot.press(*"htop-and-vim")


async def see_the_map(app: PlashuiApp, pilot: Pilot[None]) -> None:
    """Where the bytes are."""
    await go_to(app, "postgres")
    await pilot.press("M")
    await pilot.pause(1)


async def see_changes(app: PlashuiApp, pilot: Pilot[None]) -> None:
    """What an image changed, by size, filling the screen."""
    await go_to(app, "dev")
    await pilot.press("3", "o", "o")
    await pilot.pause(2)
    await pilot.press("l", "j", "l", "j", "l", "j")
    await pilot.pause(0.5)


async def go_to(app: PlashuiApp, name: str) -> None:
    """Put the cursor on an image."""
    view = main_screen(app).parts.view
    view.table.reveal(view.store.resolve(name))


async def shrink(_app: PlashuiApp, pilot: Pilot[None]) -> None:
    """What a shrink would take."""
    await pilot.press("S")
    await pilot.press(*"75M", "tab", "tab", "tab", "space")
    await pilot.pause(1.5)


async def run_jobs(app: PlashuiApp, pilot: Pilot[None]) -> None:
    """Imports in the background, one of which cannot be done."""
    home = Path(os.environ["HOME"])
    (home / "damaged.tar").write_bytes(b"no tar" * 1000)
    for name in "include", "share/perl", "lib":  # the last is seen at work
        tar = home / f"{name.replace('/', '-')}.tar"
        words = ["tar", "-C", "/", "-cf", str(tar), f"usr/{name}"]
        subprocess.run(words, check=True)
    for file in "include.tar", "damaged.tar", "share-perl.tar", "lib.tar":
        await pilot.press("F")
        await pilot.pause(0.5)
        app.screen.query_one("#file", Input).value = str(home / file)
        await pilot.press("enter")
        await pilot.pause(0.3 if file == "lib.tar" else 3)
    await pilot.press("J", "j", "j", "j")
    app.clear_notifications()
    await pilot.pause(0.5)


INSTALLED: Final = {
    "var/lib/apt/lists/deb_dists_bookworm_main_binary-amd64_Packages": 46_000_000,
    "var/lib/apt/lists/deb_dists_bookworm_main_i18n_Translation-en": 30_000_000,
    "var/cache/apt/pkgcache.bin": 9_000_000,
    "usr/bin/vim.basic": 3_800_000,
    "usr/bin/htop": 390_000,
    "usr/share/vim/vimrc": 12_000,
    "etc/vim/vimrc": 2_500,
}
"""What `apt install` leaves, in bytes."""


def changed_something(session: Session) -> int:
    """Stand in for a person at the shell: install something, leave."""
    for name, count in INSTALLED.items():
        file = Path(str(session.place), "data", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as out:
            os.posix_fallocate(out.fileno(), 0, count)
    return 0


def main(directory: str = "") -> None:
    """Take all pictures."""
    target = Path(directory) if directory else HERE
    target.mkdir(parents=True, exist_ok=True)
    shown = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ |= {"TEXTUAL_ANIMATIONS": "none", **shown}
    setattr(Session, "run", changed_something)  # noqa: B010 - mypy minds the other
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        for name in ("CACHE", "STATE", "CONFIG"):
            os.environ[f"XDG_{name}_HOME"] = f"{home}/{name.lower()}"
        store = Store(f"{home}/.plashdata")
        make(store)
        with in_use(store):
            for name, story in (
                ("main", look),
                ("removal", remove),
                ("map", see_the_map),
                ("changes", see_changes),
                ("shrink", shrink),
                ("shell-return", use_shell),
                ("jobs", run_jobs),
            ):
                asyncio.run(take(store, target / f"{name}.png", story))


if __name__ == "__main__":
    main(*sys.argv[1:])
