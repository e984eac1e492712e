"""A shell and back, with a lent terminal that is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Input

from plashui.core.errors import PlashError
from plashui.core.session import Changes
from plashui.core.store import Store
from plashui.core.way import Way
from plashui.ui.screens.shell_return import ShellReturn
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    matches_golden,
    opened,
    shows,
    table_of,
    told,
    until,
)


class FakeSession:
    """A session whose shell was used and left."""

    line = "plash run:persist 17 /store/tmp/plashtmp_1_2_x"
    place: Path | None = Path("/store/tmp/plashtmp_1_2_x")
    kept = False

    def __init__(self, store: Store, image: int, found: Changes, status: int) -> None:
        """The shell changed what was `found`."""
        self.store, self.image = store, image
        self.found, self.status = found, status
        self.way = Way()
        self.parked: list[Path | None] = []
        self.images: list[str | None] = []
        self.ran = self.closed = False

    def run(self) -> int:
        """Use it."""
        self.ran = True
        return self.status

    def changes(self) -> Changes:
        """What it changed."""
        return self.found

    def discard(self) -> None:
        """Throw it away."""

    def park(self, directory: Path | None) -> Path:
        """Keep it to go on with."""
        self.parked.append(directory)
        return directory or self.store.path / "kept/17-x"

    def keep(self, name: str | None) -> int:
        """Keep it."""
        if name == "7":
            raise PlashError("'7' cannot be a name")
        self.images.append(name)
        place = f"layer/0/1/2/17/{18}"
        (self.store.path / place / "_data/root").mkdir(parents=True)
        (self.store.path / "index/18").symlink_to(f"../{place}")
        if name:
            self.store.set_name(name, 18)
        return 18


class Shells:
    """Sessions made by the app, and how often the terminal was lent."""

    def __init__(self) -> None:
        """None yet."""
        self.sessions: list[FakeSession] = []
        self.found = Changes(7, 12_000_000)
        self.status = 0
        self.lent = 0

    @contextmanager
    def session(
        self, store: Store, image: int, way: Way, *, thrown_away: bool = False
    ) -> Iterator[FakeSession]:
        """Stand in for shell_session."""
        made = FakeSession(store, image, self.found, self.status)
        made.way = way
        if thrown_away:
            made.place = None
        self.sessions.append(made)
        yield made
        made.closed = True

    @contextmanager
    def lender(self, _app: App[Any]) -> Iterator[None]:
        """Stand in for terminal_lent."""
        self.lent += 1
        yield


@pytest.fixture
def shells(monkeypatch: pytest.MonkeyPatch) -> Shells:
    """Sessions without a helper."""
    made = Shells()
    monkeypatch.setattr("plashui.ui.screens.shell.shell_session", made.session)
    monkeypatch.setattr("plashui.core.usage.measure", lambda *_w, **_k: None)
    return made


@pytest.mark.usefixtures("still")
async def test_changes_are_discarded_by_default(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "j", "enter")
        await shows(pilot, "7 files changed in image 17 debian-dev, 12 MB.")
        await shows(pilot, "$ plash run:persist 17")
        await matches_golden(pilot, "shell-return-120x32")
        assert app.focused is not None
        assert app.focused.id == "discard"
        await pilot.press("enter")
        await told(pilot, "changes discarded")
        session = shells.sessions[0]
        await until(pilot, lambda: session.closed)
        assert (session.ran, session.images, shells.lent) == (True, [], 1)
        assert table_of(app).image == 17


async def test_changes_become_a_named_child(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "j", "e")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        app.screen.query_one(Input).focus()
        await pilot.press("7", "enter")
        await told(pilot, "'7' cannot be a name")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        assert not shells.sessions[0].closed, "a wrong name loses nothing"
        field = app.screen.query_one(Input)
        assert field.value == "7"
        await pilot.press("m", "y", "enter")
        await told(pilot, "kept as image 18, my")
        await until(pilot, lambda: table_of(app).image == 18)
        await shows(pilot, "└── my")
        assert shells.sessions[0].images == ["my"]


async def test_without_changes_nothing_is_asked(sample: Store, shells: Shells) -> None:
    shells.found = Changes(0, 0)
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await told(pilot, "no changes")
        await until(pilot, lambda: shells.sessions[0].closed)
        assert not isinstance(app.screen, ShellReturn)


async def test_a_killed_shell_says_so(sample: Store, shells: Shells) -> None:
    shells.found, shells.status = Changes(0, 0), -9
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "the shell was killed by SIGKILL")


async def test_a_double_click_is_a_shell(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.click("#tree", offset=(30, 1), times=2)
        await until(pilot, lambda: shells.sessions)
        assert shells.sessions[0].image == 2
        await shows(pilot, "Back from the shell")


async def test_an_image_that_is_gone_is_a_sentence(tmp_path: Any) -> None:
    store = stores.make(tmp_path / "s", stores.SAMPLE, CREATED)
    async with opened(store) as (_app, pilot):
        (store.path / "index/1").rename(store.path / "index/gone")
        await pilot.press("enter")
        await told(pilot, "no image 1")
