"""A shell and back, with a lent terminal that is none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from textual import events
from textual.app import App
from textual.widgets import Input

from plashui.base.errors import PlashError
from plashui.helper import usage
from plashui.image.diff import Change
from plashui.model.forest import Usage
from plashui.operations.session import Changes, Session
from plashui.store.changes.saved_changes import Kept, discarded, kept
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.run_spec import NO_HISTORY, Way
from plashui.store.store import Store
from plashui.ui.dialogs.shells.shell_return import ShellReturn
from tests.tools import leftovers
from tests.ui import stores
from tests.ui.conftest import CREATED, NOW
from tests.ui.driving import (
    CHANGED,
    matches_golden,
    no_terminal,
    opened,
    shows,
    table_of,
    text_of,
    told,
    until,
    view_of,
)


class FakeSession:
    """A session whose shell was used and left."""

    line = "plash run:persist 17 /store/kept/17-x"
    place: Path | None = Path("/store/kept/17-x")
    resumed = False

    def __init__(
        self, store: Store, image: int, found: Sequence[Change], status: int
    ) -> None:
        """The shell changed what was `found`."""
        self.store, self.image = store, image
        self.found, self.status = found, status
        self.way = Way()
        self.parked: list[Path | None] = []
        self.images: list[str] = []
        self.ran = self.closed = False
        self.ended = ""
        self.without: Sequence[str] = ()

    def run(self) -> int:
        """Use it."""
        self.ran = True
        return self.status

    def changed(self) -> bool:
        """Whether it did."""
        return bool(self.found)

    def changes(self) -> Changes:
        """What it changed."""
        return Changes(len(self.found), 12_000_000)

    def paths(self, **_options: object) -> Sequence[Change]:
        """What it changed, path by path."""
        return self.found

    def gone(self) -> str:
        """The image is there."""
        return ""

    def discard(self) -> str:
        """Move it to the trash."""
        self.ended = "discarded"
        return "17-x"

    def discard_rest(self) -> str:
        """Move what was left out to the trash."""
        self.ended = "rest discarded"
        return "17-y"

    def forget(self) -> None:
        """There was nothing."""
        self.ended = "forgotten"

    def park(self, directory: Path | None = None) -> Path:
        """Decide later."""
        self.parked.append(directory)
        return directory or self.store.path / "kept/17-x"

    def keep(self, name: NewName = UNNAMED, *, without: Sequence[str] = ()) -> int:
        """Save it."""
        name.check(self.store)
        self.without = without
        self.images.append(name.name)
        place = f"layer/0/1/2/17/{18}"
        (self.store.path / place / "_data/root").mkdir(parents=True)
        (self.store.path / "index/18").symlink_to(f"../{place}")
        name.give(self.store, 18)
        return 18


BY_SIZE: Final = ("htop", "apt/", "ld.so.cache")


class Shells:
    """Sessions made by the app, and how often the terminal was lent."""

    def __init__(self) -> None:
        """None yet."""
        self.sessions: list[FakeSession] = []
        self.found: Sequence[Change] = CHANGED
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
        made.way, made.place, made.resumed = found.way, found.place, True
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
        "plashui.store.disk_usage.measure", lambda _s, forest, *_w, **_k: forest
    )
    return made


@pytest.mark.usefixtures("still")
async def test_what_changed_is_listed_and_no_default_destroys_it(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "j", "enter")
        await shows(pilot, "Shell in 17 debian-dev ended", "$ plash run:persist 17")
        await shows(pilot, "A usr/bin/htop", "7.8 MB", "M etc/ld.so.cache", "49 kB")
        await shows(pilot, "D usr/share/doc", "4 added, 1 modified, 1 deleted")
        rows = text_of(app).split("\n")
        at = [next(i for i, row in enumerate(rows) if w in row) for w in BY_SIZE]
        assert at == sorted(at), "the biggest first"
        await matches_golden(pilot, "shell-return-120x32")
        assert isinstance(app.focused, Input)
        await pilot.press("f3")
        await shows(pilot, "usr/", "var/", "Open all")
        await pilot.press("asterisk")
        await shows(pilot, "htop", "one", "two")
        await pilot.press("escape", "enter")
        await told(pilot, "Saved as image 18")
        session = shells.sessions[0]
        await until(pilot, lambda: session.closed)
        assert (session.ran, session.images, shells.lent) == (True, [""], 1)


async def test_discarded_changes_are_said_to_come_back(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "j", "enter")
        await shows(pilot, "Shell in 17 debian-dev ended")
        await pilot.press("tab", "enter")
        await told(pilot, "Changes discarded - u undo, T trash")
        assert shells.sessions[0].ended == "discarded"
        assert view_of(app).now().removed == ("17-x",)


async def test_keys_typed_at_once_go_to_the_button_that_tab_chose(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "j", "enter")
        await shows(pilot, "Shell in 17 debian-dev ended")
        for key in ("tab", "right", "enter"):
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: not isinstance(app.screen, ShellReturn))
        assert shells.sessions[0].ended == "", "neither saved nor discarded"
        assert shells.sessions[0].images == []


async def test_changes_become_a_named_child(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("j", "j", "e")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await pilot.press(".", ".", "enter")
        await told(pilot, "'..' cannot be a name")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        assert not shells.sessions[0].closed, "a wrong name loses nothing"
        field = app.screen.query_one(Input)
        assert field.value == ".."
        await pilot.press("backspace", "backspace", "m", "y", "enter")
        await told(pilot, "Saved as image 18 (my)")
        await until(pilot, lambda: table_of(app).image == 18)
        await shows(pilot, "└╴my")
        assert shells.sessions[0].images == ["my"]


async def test_without_changes_nothing_is_asked(sample: Store, shells: Shells) -> None:
    shells.found = ()
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await told(pilot, "Nothing changed in 1 debian")
        await until(pilot, lambda: shells.sessions[0].closed)
        assert not isinstance(app.screen, ShellReturn)
        assert shells.sessions[0].ended == "forgotten"


async def test_what_only_was_touched_is_no_change(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSession, "changed", lambda _session: True)
    shells.found = ()
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "Nothing changed in 1 debian")


async def test_a_killed_shell_says_so(sample: Store, shells: Shells) -> None:
    shells.found, shells.status = (), -9
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "The shell was killed by SIGKILL")


async def test_a_double_click_is_a_shell(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.click("#tree", offset=(30, 1), times=2)
        await until(pilot, lambda: shells.sessions)
        assert shells.sessions[0].image == 2
        await shows(pilot, "Shell in")


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
        await shows(pilot, "Command in 2")
        assert shells.sessions[0].way == Way(("make", "all"), variables=("A=1",))
        await pilot.press("tab", "enter")
        await told(pilot, "Changes discarded")
        await pilot.press("x")
        await shows(pilot, "make all", "A=1")
        await pilot.press("down", "down", "down", "right", "enter")
        await until(pilot, lambda: len(shells.sessions) == 2)
        await until(pilot, lambda: shells.sessions[1].closed)
        assert shells.sessions[1].place is None, "thrown away, and never asked for"
        assert shells.lent == 2


async def test_an_isolated_shell_is_one_key(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("X")
        await shows(pilot, "Shell in")
        way = shells.sessions[0].way
        assert way == Way(isolated=True, variables=(NO_HISTORY,))
        assert way.line(17) == "plash run --isolate --rw -e HISTFILE= 17"


async def test_it_can_be_decided_later(sample: Store, shells: Shells) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Shell in")
        await pilot.press("tab", "tab", "enter")
        await told(pilot, "Changes kept unsaved - enter resumes them")
        await pilot.press("enter")
        await shows(pilot, "Shell in")
        await pilot.press("~", "/", "x")
        await shows(pilot, "A directory: Enter saves the changes there")
        await pilot.press("enter")
        await told(pilot, "/home/x - resume with: plash run:persist 1 ")
        home = Path.home()
        assert [s.parked for s in shells.sessions] == [[None], [home / "x"]]
        assert not isinstance(app.screen, ShellReturn)


@pytest.mark.parametrize("typed", ["", "my"])
async def test_who_only_wants_to_get_back_loses_no_changes(
    sample: Store, shells: Shells, typed: str
) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Shell in", "Esc: decide later")
        await pilot.press(*typed)
        await shows(pilot, "Esc: decide later")
        await pilot.press("escape")
        await told(pilot, "Changes kept unsaved")
        (session,) = shells.sessions
        assert (session.parked, session.images, session.ended) == ([None], [], "")


@pytest.mark.usefixtures("still")
async def test_unsaved_changes_are_resumed_or_discarded(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sample.path / "kept/17-ab12"
    (place / "data").mkdir(parents=True)
    (place / "data/file").touch()
    note = {"command": ["make", "all"], "isolated": True, "saved": NOW - 7200}
    (place / "session.json").write_text(json.dumps(note))
    big = Usage(180_000_000, 180_000_000, 410)
    monkeypatch.setattr(
        usage,
        "usage",
        lambda _s, paths, found, **_more: [found(path, big) for path in paths],
    )
    for size in ((120, 32), (60, 17)):
        async with opened(sample, size, lender=shells.lender) as (_app, pilot):
            await pilot.press("j", "j", "enter")
            await shows(pilot, "Unsaved changes", "make all", "2 h ago", "180 MB")
            if size == (
                60,
                17,
            ):  # a wider head has the bytes that it takes on this disk
                await matches_golden(pilot, "resume-60x17")
            await pilot.press("enter")
            await shows(pilot, "Command in", "Already saved for later")
            if size == (60, 17):
                await matches_golden(pilot, "return-kept-60x17")
            await pilot.press("escape")
            await told(pilot, "Changes kept unsaved")
    assert shells.sessions[0].way == Way(("make", "all"), isolated=True)
    assert shells.sessions[0].place == place
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("j", "j", "enter")
        await shows(pilot, "Unsaved changes")
        await pilot.press("left", "enter")
        await shows(pilot, "Shell in")
        assert shells.sessions[-1].way == Way(), "a clean one"
        await pilot.press("escape")
        await told(pilot, "Changes kept unsaved")
        await pilot.press("enter")
        await shows(pilot, "Unsaved changes")
        await pilot.press("left", "left", "enter")
        await told(pilot, "Changes of image 17 discarded - u undo, T trash")
        assert not place.parent.exists()
        await pilot.press("u")
        await told(pilot, "Changes of image 17 restored")
        assert place.is_dir()


async def test_an_image_removed_meanwhile_loses_no_changes(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(_session: FakeSession, _name: NewName, **_more: object) -> int:
        raise PlashError("making the image: no image 1")

    monkeypatch.setattr(FakeSession, "keep", keep)
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Shell in")
        await pilot.press("x", "enter")
        await told(pilot, "no image 1")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await pilot.press("escape")
        await told(pilot, "Changes kept unsaved")


def _touch(session: Session) -> int:
    """Stand in for a shell in which a file was made."""
    assert session.place is not None
    (session.place / "data").mkdir(exist_ok=True)
    (session.place / "data/new").write_text("new\n")
    return 0


async def test_unsaved_changes_are_there_from_the_shell_until_it_is_decided(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the shell runs: whoever is killed finds them there again."""

    def run(session: Session) -> int:
        _touch(session)
        assert [one.place for one in kept(sample, 1)] == [session.place]
        return 0

    monkeypatch.setattr(Session, "run", run)
    monkeypatch.setattr(
        "plashui.store.disk_usage.measure", lambda _s, forest, *_w, **_k: forest
    )
    async with opened(sample) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Shell in", "A new")
        (found,) = kept(sample, 1)
        assert (found.place / "data/new").is_file()
        assert leftovers(sample.path) == []
        await pilot.press("tab", "enter")
        await told(pilot, "Changes discarded")
        assert kept(sample) == []
        assert [one.name for one in discarded(sample)] == [found.name]
        await pilot.press("u")
        await told(pilot, "Changes of image 1 restored")
        assert [one.name for one in kept(sample)] == [found.name]
        await shows(pilot, "╴unsaved changes", "■ unsaved ")
        await pilot.press("enter", "enter")
        await shows(pilot, "Shell in")
        await pilot.press("k", "enter")
        await told(pilot, "Saved as image 18 (k)")
        assert (sample.path / "layer/0/1/18/_data/root/new").is_file()
        assert not (sample.path / "layer/0/1/18/session.json").exists()
        assert not (sample.path / "kept").exists()
        assert not leftovers(sample.path)
        await until(pilot, lambda: "unsaved" not in text_of(app).split("\n")[2])


async def test_a_shell_that_changed_nothing_leaves_nothing(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "run", lambda _session: 0)
    async with opened(sample) as (_app, pilot):
        await pilot.press("enter")
        await told(pilot, "Nothing changed in 1 debian")
        await until(pilot, lambda: not (sample.path / "kept").exists())
        assert leftovers(sample.path) == []


async def test_changes_that_cannot_be_listed_are_asked_for_all_the_same(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes(_session: FakeSession) -> Changes:
        raise PlashError("counting: the helper was killed by SIGKILL")

    monkeypatch.setattr(FakeSession, "changes", changes)
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "The changes could not be listed: counting: the helper")
        await pilot.press("m", "y", "enter")
        await told(pilot, "Saved as image 18 (my)")


async def test_in_a_store_open_for_reading_nothing_is_kept_or_written(
    sample: Store, shells: Shells
) -> None:
    place = sample.path / "kept/2-ab12"
    (place / "data/x").mkdir(parents=True)
    only = "Read-only store"
    async with opened(sample, lender=shells.lender, read_only=True) as (app, pilot):
        for keys in (["enter"], ["X"], ["x", "enter"]):
            app.clear_notifications()
            await pilot.press(*keys)
            await told(pilot, "not saved: the store was opened read-only")
            assert shells.sessions[-1].place is None, "it is in memory"
        await pilot.press("x")
        await shows(pilot, "$ plash run 1", "● Discard")
        app.clear_notifications()
        await pilot.press("escape", "j", "enter")
        await shows(pilot, "Unsaved changes")
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
        await told(pilot, "not saved: the store is not writable")
        assert shells.sessions[0].place is None


async def test_nothing_is_acted_on_between_enter_and_the_shell(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        for key in ("enter", "d", "x", "l", "space", "q", "j"):
            app.simulate_key(key)
        await shows(pilot, "Shell in 1 debian ended")
        assert len(app.screen_stack) == 2, "no dialog waits below"
        assert (table_of(app).image, table_of(app).marks) == (1, set())
        await pilot.press("escape", "j")
        await until(pilot, lambda: table_of(app).image == 2)


async def test_what_was_typed_for_the_shell_does_not_answer_the_question(
    sample: Store, shells: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.ui.platform.terminal_app.QUIET", 3600.0)
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Shell in 1 debian ended")
        await pilot.press(*"exit", "enter", "tab", "enter", "escape")
        assert "decide later" not in text_of(app), "it says when it hears"
        app._hear()
        await shows(pilot, "Esc: decide later")
        await pilot.press("m", "y", "enter")
        await told(pilot, "Saved as image 18 (my)")
        assert shells.sessions[0].images == ["my"]


async def test_a_name_that_is_taken_does_not_move_unasked(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "Shell in")
        await pilot.press(*"alpine")
        await shows(pilot, "Image 9 is called alpine: you are asked before")
        await pilot.press("enter")
        await shows(pilot, "Take the name?", "Image 9 is called alpine")
        await pilot.press("enter")
        await shows(pilot, "Shell in", "alpine")
        assert sample.get_name("alpine") == 9
        assert not (sample.path / "index/18").exists()
        await pilot.press("enter")
        await shows(pilot, "Take the name?")
        await pilot.press("right", "enter")
        await told(pilot, "Saved as image 18 (alpine)")
        assert sample.get_name("alpine") == 18
        await pilot.press("u")
        await told(pilot, "Image 9 is called alpine again")
        assert sample.get_name("alpine") == 9


async def test_of_an_image_removed_by_others_the_shell_says_what_can_be_done(
    sample: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its changes are listed, saved as a directory, or found again in the trash."""
    away = sample.path / "index/gone"

    def run(session: Session) -> int:
        (sample.path / "index/9").rename(away)
        return _touch(session)

    monkeypatch.setattr(Session, "run", run)
    async with opened(sample, lender=no_terminal) as (app, pilot):
        table_of(app).reveal(9)
        await pilot.press("enter")
        await shows(pilot, "Image 9 was removed meanwhile", "A new")
        await pilot.press("escape")
        await told(pilot, "Changes kept unsaved - T lists them")
        await shows(pilot, "■ unsaved ")
        await pilot.press("T")
        await shows(pilot, "∆ unsaved changes", "its image was removed")
        await shows(pilot, "enter Save as a directory")
        (found,) = kept(sample)
        await pilot.press("d")
        await shows(pilot, "Delete permanently?", "unsaved changes of image 9")
        await pilot.press("escape", "enter")
        await shows(pilot, "Save as a directory", "Unsaved changes")
        field = app.screen.query_one(Input)
        field.value = str(tmp_path / "saved")
        await pilot.press("enter")
        await told(pilot, f"Changes saved in {tmp_path}/saved/data")
        assert (tmp_path / "saved/data/new").is_file()
        assert not found.place.exists()
        await shows(pilot, "The trash is empty.")


async def test_previews_name_the_unsaved_changes_of_what_goes(sample: Store) -> None:
    place = sample.path / "kept/12-ab12"
    (place / "data").mkdir(parents=True)
    (place / "data/file").write_text("x" * 3_000_000)
    async with opened(sample) as (app, pilot):
        await shows(pilot, "∆ └╴▾ py", "unsaved 3.0 MB")
        table_of(app).reveal(9)
        await pilot.press("d")
        await shows(pilot, "Unsaved changes of 12 (3.0 MB) stay: T lists them")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images")
        await pilot.press("T")
        await shows(pilot, "its image was removed", "1 removal", "unsaved 3.0 MB")
        await pilot.press("E")
        await shows(pilot, "Unsaved changes of 12 (3.0 MB) lose their image.")
        await pilot.press("right", "enter")
        await told(pilot, " freed")
        assert (place / "data/file").is_file(), "nobody has discarded them"
        await shows(pilot, "unsaved changes", "0 removals")


async def test_a_row_of_unsaved_changes_is_discarded_and_comes_back(
    sample: Store,
) -> None:
    place = sample.path / "kept/2-ab12"
    (place / "data").mkdir(parents=True)
    (place / "data/file").touch()
    async with opened(sample) as (app, pilot):
        await shows(pilot, "╴unsaved changes")
        await pilot.press("j", "j")
        await until(pilot, lambda: table_of(app).changes is not None)
        await pilot.press("d")
        await told(pilot, "Changes of image 2 discarded - u undo, T trash")
        assert 2 in sample.read().images
        await until(pilot, lambda: "unsaved" not in text_of(app))
        await pilot.press("u")
        await told(pilot, "Changes of image 2 restored")
        await shows(pilot, "╴unsaved changes")
        assert (place / "data/file").is_file()


@pytest.mark.usefixtures("still")
async def test_what_is_left_out_of_the_image_stays_or_goes_to_the_trash(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "4 added, 1 modified, 1 deleted", "to leave some out")
        await pilot.press("f3")
        await shows(pilot, "Leave out", "●")
        await pilot.press("space", "space")
        await shows(pilot, "5 changes left out (12 MB)")
        await matches_golden(pilot, "leaving-out-120x32")
        await pilot.press("escape")
        await shows(pilot, "5 changes left out", "keep them unsaved", "○ usr/bin/htop")
        await matches_golden(pilot, "return-left-out-120x32")
        await pilot.resize_terminal(60, 17)
        await matches_golden(pilot, "return-left-out-60x17")
        await pilot.press(*"some", "enter")
        await told(pilot, "Saved as image 18 (some); the rest stays unsaved")
        (session,) = shells.sessions
        assert session.without == ("/usr", "/var")
        assert not session.ended


async def test_what_is_left_out_goes_to_the_trash_if_asked(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (app, pilot):
        await pilot.press("enter")
        await shows(pilot, "to leave some out")
        await pilot.press("f3", "space", "escape")
        await shows(pilot, "move them to the trash")
        await pilot.press("shift+tab", "right", "tab", *"some", "enter")
        await told(pilot, "the rest is in the trash - u undo")
        assert shells.sessions[0].ended == "rest discarded"
        assert view_of(app).now().removed == ("17-y",)


async def test_of_changes_that_are_all_left_out_no_image_is_made(
    sample: Store, shells: Shells
) -> None:
    async with opened(sample, lender=shells.lender) as (_app, pilot):
        await pilot.press("enter")
        await shows(pilot, "to leave some out")
        await pilot.press("f3", "space", "space", "space", "escape", "enter")
        await shows(pilot, "Everything is left out")
        assert not shells.sessions[0].images
