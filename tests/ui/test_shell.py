"""A shell and back, with a lent terminal that is none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Input

from plashui.core.errors import PlashError
from plashui.core.kept import Kept, kept
from plashui.core.session import Changes, Session
from plashui.core.store import Store
from plashui.core.way import NO_HISTORY, Way
from plashui.ui.screens.shell_return import ShellReturn
from tests.tools import leftovers
from tests.ui import stores
from tests.ui.conftest import CREATED, NOW
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
        self.ran = self.closed = self.gone = False

    def run(self) -> int:
        """Use it."""
        self.ran = True
        return self.status

    def changed(self) -> bool:
        """Whether it did."""
        return self.found != Changes(0, 0)

    def changes(self) -> Changes:
        """What it changed."""
        return self.found

    def discard(self) -> None:
        """Throw it away."""
        self.gone = True

    def park(self, directory: Path | None = None) -> Path:
        """Keep it to go on with."""
        if directory is not None or not self.kept:
            self.parked.append(directory)
        self.kept = True
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
    def resumed(self, store: Store, found: Kept) -> Iterator[FakeSession]:
        """Stand in for resumed."""
        made = FakeSession(store, found.image, self.found, self.status)
        made.way, made.place, made.kept = found.way, found.place, True
        self.sessions.append(made)
        yield made

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
    monkeypatch.setattr("plashui.ui.screens.shell.resumed", made.resumed)
    monkeypatch.setattr(
        "plashui.core.usage.measure", lambda _s, forest, *_w, **_k: forest
    )
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
        assert shells.sessions[0].parked == [], "whoever is killed now is not asked"


async def test_changed_directories_are_not_called_no_files(
    sample: Store, shells: Shells
) -> None:
    shells.found = Changes(0, 8192)
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Only directories changed in image 1 debian, 8.2 kB.")


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


async def test_a_command_runs_as_the_form_says(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "x", *"make all")
        app.screen.query_one("#environment", Input).value = "A=1"
        await shows(pilot, "$ A=1 PLASH_EXPORT=A plash run:persist 2 DIR make all")
        await pilot.press("enter")
        await shows(pilot, "Back from the command", "7 files changed in image 2")
        assert shells.sessions[0].way == Way(("make", "all"), variables=("A=1",))
        await pilot.press("enter")
        await told(pilot, "changes discarded")
        await pilot.press("x")
        await shows(pilot, "make all", "A=1")
        await pilot.press("down", "down", "right", "enter")
        await until(pilot, lambda: len(shells.sessions) == 2)
        await until(pilot, lambda: shells.sessions[1].closed)
        assert shells.sessions[1].place is None, "thrown away, and never asked for"
        assert shells.lent == 2


async def test_an_isolated_shell_is_one_key(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("X")
        await shows(pilot, "Back from the shell")
        way = shells.sessions[0].way
        assert way == Way(isolated=True, variables=(NO_HISTORY,))
        assert way.line(17) == "plash run --isolate --rw -e HISTFILE= 17"


async def test_changes_are_kept_to_go_on_with(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Back from the shell")
        await pilot.press("right", "enter")
        await told(pilot, "kept/17-x. enter on the image, or: plash run:persist 1 ")
        await pilot.press("enter")
        await shows(pilot, "Back from the shell")
        await pilot.press("~", "/", "x")
        await shows(pilot, "A directory: Enter keeps the changes there")
        await pilot.press("enter")
        await told(pilot, "/home/x. Go on with: plash run:persist 1 ")
        home = Path.home()
        assert [s.parked for s in shells.sessions] == [[None], [None, home / "x"]]
        assert not isinstance(app.screen, ShellReturn)


@pytest.mark.parametrize("typed", ["", "my"])
async def test_who_only_wants_to_get_back_loses_no_changes(
    sample: Store, shells: Shells, typed: str
) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Back from the shell", "Esc leaves them for later")
        await pilot.press(*typed)
        await shows(pilot, "Esc leaves them for later")
        await pilot.press("escape")
        await told(pilot, "changes are kept in")
        (session,) = shells.sessions
        assert (session.parked, session.images, session.gone) == ([None], [], False)


@pytest.mark.usefixtures("still")
async def test_what_was_kept_is_gone_on_with_or_deleted(
    sample: Store, shells: Shells
) -> None:
    place = sample.path / "kept/17-ab12"
    (place / "data").mkdir(parents=True)
    (place / "data/file").touch()
    note = {"command": ["make", "all"], "isolated": True, "saved": NOW - 7200}
    (place / "session.json").write_text(json.dumps(note))
    for size in ((120, 32), (60, 17)):
        async with opened(sample, size, lender=shells.lender) as (_app, pilot):
            await pilot.press("j", "j", "enter")
            await shows(pilot, "Changes were kept", "make all", "2 h ago")
            await matches_golden(pilot, f"resume-{size[0]}x{size[1]}")
            await pilot.press("enter")
            await shows(pilot, "Back from the command", "They are kept already")
            await matches_golden(pilot, f"return-kept-{size[0]}x{size[1]}")
            await pilot.press("escape")
            await told(pilot, "changes are kept in")
    assert shells.sessions[0].way == Way(("make", "all"), isolated=True)
    assert shells.sessions[0].place == place
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("j", "j", "enter")
        await shows(pilot, "Changes were kept")
        await pilot.press("left", "enter")
        await shows(pilot, "Back from the shell")
        assert shells.sessions[-1].way == Way(), "a fresh one"
        await pilot.press("enter")
        await told(pilot, "changes discarded")
        await pilot.press("enter")
        await shows(pilot, "Changes were kept")
        await pilot.press("left", "left", "enter")
        await shows(pilot, "Delete them?", "undone.")
        await pilot.press("right", "enter")
        await told(pilot, "kept changes deleted")
        assert not place.parent.exists()


async def test_an_image_removed_meanwhile_loses_no_changes(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(_session: FakeSession, _name: str | None) -> int:
        raise PlashError("making the image: no image 1")

    monkeypatch.setattr(FakeSession, "keep", keep)
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Back from the shell")
        await pilot.press("x", "enter")
        await told(pilot, "no image 1")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await pilot.press("tab", "right", "enter")
        await told(pilot, "changes are kept in")


async def test_an_app_that_ends_without_an_answer_keeps_the_changes(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Back from the shell")
        session = shells.sessions[0]
        assert session.parked == [None], "whoever is killed now finds them there"
        session.kept = False  # there was no room even for that
        app.leave_now()
        await until(pilot, lambda: session.parked == [None, None])


async def test_changes_that_cannot_be_kept_before_asking_are_asked_for(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def park(_session: FakeSession, _directory: Path | None = None) -> Path:
        raise PlashError("cannot keep it: no space left on device")

    monkeypatch.setattr(FakeSession, "park", park)
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Back from the shell")
        await pilot.press("m", "y", "enter")
        await told(pilot, "kept as image 18, my")


def _touch(session: Session) -> int:
    """Stand in for a shell in which a file was made."""
    assert session.place is not None
    (session.place / "data").mkdir()
    (session.place / "data/new").write_text("new\n")
    return 0


async def test_what_is_asked_about_is_kept_until_it_is_decided(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "run", _touch)
    monkeypatch.setattr(
        "plashui.core.usage.measure", lambda _s, forest, *_w, **_k: forest
    )
    async with opened(sample) as (_app, pilot):
        for answer, words in (("", "changes discarded"), ("k", "kept as image")):
            await pilot.press("enter")
            await shows(pilot, "Back from the shell", "1 file changed")
            (found,) = kept(sample, 1)
            assert (found.place / "data/new").is_file()
            assert leftovers(sample.path) == []
            await pilot.press(*answer, "enter")
            await told(pilot, words)
            await until(pilot, lambda: not (sample.path / "kept").exists())
            assert not leftovers(sample.path)
        assert (sample.path / "layer/0/1/18/_data/root/new").is_file()
        assert not (sample.path / "layer/0/1/18/session.json").exists()


async def test_a_shell_that_changed_nothing_leaves_nothing(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "run", lambda _session: 0)
    async with opened(sample) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "no changes")
        await until(pilot, lambda: not (sample.path / "kept").exists())
        assert leftovers(sample.path) == []


async def test_changes_that_cannot_be_counted_are_kept(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes(_session: FakeSession) -> Changes:
        raise PlashError("counting: the helper was killed by SIGKILL")

    monkeypatch.setattr(FakeSession, "changes", changes)
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "changes are kept in")
        await told(pilot, "counting: the helper was killed")


async def test_in_a_store_open_for_reading_nothing_is_kept_or_written(
    sample: Store, shells: Shells
) -> None:
    place = sample.path / "kept/2-ab12"
    (place / "data").mkdir(parents=True)
    only = "the store is open for reading only"
    async with opened(sample, lender=shells.lender, read_only=True) as (app, pilot):
        for keys in (["enter"], ["X"], ["x", "enter"]):
            app.clear_notifications()
            await pilot.press(*keys)
            await told(pilot, "not kept in this store: it is open for reading only")
            assert shells.sessions[-1].place is None, "it is in memory"
        await pilot.press("x")
        await shows(pilot, "$ plash run 1", "● throw away")
        app.clear_notifications()
        await pilot.press("escape", "j", "enter")
        await shows(pilot, "Changes were kept")
        await pilot.press("enter")
        await told(pilot, only)
        assert len(shells.sessions) == 3, "what was kept is not gone on with"


async def test_in_a_store_that_cannot_be_written_to_changes_are_in_memory(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = os.access

    def asked(path: Any, mode: int, **options: Any) -> bool:
        return path != sample.path and access(path, mode, **options)

    monkeypatch.setattr(os, "access", asked)
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "not kept in this store: it cannot be written to")
        assert shells.sessions[0].place is None
