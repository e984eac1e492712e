"""Whatever happens meanwhile: a sentence, and the app goes on."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual import events
from textual.geometry import Size
from textual.widgets import Static

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.model.forest import Forest
from plashui.operations.removal_plan import Plan
from plashui.operations.remove import Removed, remove
from plashui.store import names
from plashui.store.store import Store
from plashui.ui.application import PlashuiApp
from plashui.ui.dialogs.removals import removal
from plashui.ui.dialogs.removals.removal import RemovalScreen
from plashui.ui.model.jobs.job import Outcome, State
from plashui.ui.screens.too_small import TooSmall
from plashui.ui.viewers.pager import Pager
from plashui.ui.widgets.line_list import LineList
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    main_of,
    no_terminal,
    opened,
    parts_of,
    shows,
    table_of,
    text_of,
    told,
    until,
)


def ids(store: Store) -> set[int]:
    """What is in the store."""
    return set(store.read().images)


async def test_a_removal_under_way_is_not_left_and_can_be_undone(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(store: Store, plan: Plan, **options: Any) -> Removed:
        go_on.wait(10)
        return remove(store, plan, **options)

    monkeypatch.setattr(removal, "remove", slow)
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "Removes 1 image.")
        await pilot.press("right", "enter", "escape", "left", "enter", "escape")
        await shows(pilot, "Moving 1 image …")
        assert isinstance(app.screen, RemovalScreen)
        go_on.set()
        await told(pilot, "Moved 1 image (")
        assert 12 not in ids(sample)
        await pilot.press("u")
        await told(pilot, "1 image restored")
        assert 12 in ids(sample)


async def test_a_removal_that_fails_as_none_should_is_left_with_a_sentence(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_store: Store, _plan: Plan, **_options: Any) -> Removed:
        raise RuntimeError("by hand")

    monkeypatch.setattr(removal, "remove", broken)
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "Removes 1 image.")
        await pilot.press("right", "enter")
        await told(pilot, "(RuntimeError: by hand)")
        await until(pilot, lambda: app.screen is main_of(app))


@contextmanager
def _no_shell(*_words: object, **_more: object) -> Iterator[None]:
    raise PlashError("no shell here")
    yield


def _at_work(app: PlashuiApp) -> bool:
    """Whether a thread may still have something to tell."""
    short = {"read", "undo", "doing", "plan", "remove", "shrink", "trash", "restore"}
    return bool(app.jobs.running()) or any(
        w.group in short and not w.is_finished for w in app.workers
    )


# -- the store goes while it is looked at ------------------------------------------


class Harm:
    """What may become of a store behind the app's back; can be taken back."""

    def __init__(self, store: Store) -> None:
        """Remember how it is."""
        self.path = store.path
        self.copy = store.path.with_name("copy")
        shutil.copytree(self.path, self.copy, symlinks=True)

    def emptied(self) -> None:
        """No image is left."""
        shutil.rmtree(self.path)
        stores.make(self.path, (), CREATED)

    def removed(self) -> None:
        """Nothing is left."""
        shutil.rmtree(self.path)

    def replaced(self) -> None:
        """Another store is there."""
        self.path.rename(self.path.with_name("moved"))
        stores.make(self.path, (stores.Layer(1, 0, "x", "other", 1),), CREATED)

    def a_file(self) -> None:
        """Not even a directory is there."""
        shutil.rmtree(self.path)
        self.path.write_text("no store")

    def unreadable(self) -> None:
        """The index cannot be listed."""
        shutil.rmtree(self.path / "index")
        (self.path / "index").write_text("no directory")

    def image_gone(self) -> None:
        """The image that is looked at went, as the old program removes it."""
        (self.path / "index/12").unlink()
        (self.path / "map/py").unlink()
        shutil.rmtree(self.path / "layer/0/9/12")

    def undo(self) -> None:
        """As it was."""
        self.path.unlink() if self.path.is_file() else shutil.rmtree(
            self.path, ignore_errors=True
        )
        shutil.rmtree(self.path.with_name("moved"), ignore_errors=True)
        shutil.copytree(self.copy, self.path, symlinks=True)


VIEWS = (
    ("tree", "", "enter space d escape u i i"),
    ("list", "t", "j k enter r escape t"),
    ("map", "M", "plus minus down up"),
    ("overview", "1 o", "j tab"),
    ("layers", "2 o", "j"),
    ("changes", "3 o", "j l enter escape"),
    ("files", "4 o", "G l enter escape c escape space"),
    ("processes", "5 o", "j K escape"),
    ("pager", "pager", "G j x g slash a enter"),
    ("removal", "d", "right enter"),
    ("trash", "T", "enter d right enter E escape o escape"),
    ("shrink", "S", "tab tab tab space tab right enter"),
    ("squash", "z", "down up tab tab tab enter"),
    ("jobs", "J", "r x c"),
    ("stores", "O", "j k end enter"),
    ("build", "b", "a enter"),
    ("kept", "N", "a enter"),
)
"""How each view is opened, and what is tried in it when the store is not as it was."""


@pytest.mark.parametrize(
    "what",
    ["emptied", "removed", "replaced", "a_file", "unreadable", "image_gone"],
)
async def test_a_store_that_goes_while_it_is_looked_at_is_no_trouble(
    sample: Store, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    harm = Harm(sample)
    monkeypatch.setattr("plashui.ui.screens.shell.shell_session", _no_shell)
    async with opened(sample) as (app, pilot):
        main, table = main_of(app), table_of(app)
        for name, keys, tries in VIEWS:
            await until(pilot, lambda: len(table.forest) == 7, f"seven before {name}")
            table.reveal(12)
            await until(pilot, lambda: table.image == 12)
            if keys == "pager":
                app.push_screen(Pager(sample, 12, "/file"))
                await shows(pilot, "12  /file", "text")
            else:
                await pilot.press(*keys.split())
                await pilot.pause()
            app.clear_notifications()
            getattr(harm, what)()
            main.parts.reader.reread()
            await pilot.pause()
            for key in tries.split():  # typed ahead
                app.simulate_key(key)
            await pilot.pause()
            await until(pilot, lambda: not _at_work(app), f"{name}: all to be told")
            said = [n.message for n in app._notifications]
            assert not any("unexpected error" in words for words in said), (name, said)
            assert app.disaster is None, name
            assert len(said) < 4, (name, said)
            for _ in range(12):
                if app.screen is main and app.focused is table and not table.flat:
                    break
                app.simulate_key("t" if app.focused is table else "escape")
                await pilot.pause()
            await until(pilot, lambda: not _at_work(app), f"{name}: all to end")
            app.clear_notifications()
            harm.undo()
            main.parts.reader.reread()


async def test_a_store_that_comes_goes_or_is_replaced_is_seen_by_itself(
    nothing: Store,
) -> None:
    async with opened(nothing) as (app, pilot):
        await shows(pilot, "No images yet")
        await until(pilot, lambda: parts_of(app).watcher.watching)
        beside = nothing.path.with_name("beside")
        stores.make(beside, (stores.Layer(1, 0, "x", "first", 1),), CREATED)
        beside.rename(nothing.path)
        await shows(pilot, "first")
        names.set_name(nothing, "another", 1)
        await shows(pilot, "another")
        nothing.path.rename(nothing.path.with_name("moved"))
        stores.make(nothing.path, (stores.Layer(1, 0, "x", "other", 1),), CREATED)
        await shows(pilot, "other")
        names.set_name(nothing, "third", 1)
        await shows(pilot, "third")
        shutil.rmtree(nothing.path)
        await shows(pilot, "No images yet")


async def test_a_store_that_cannot_be_read_is_not_said_to_be_empty(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_store: Store) -> Forest:
        raise PlashError("cannot read it \x1b[31m[red]")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "read", broken)
        app = PlashuiApp(sample, lender=no_terminal)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, "cannot be shown", "cannot read it \\x1b[31m[red]")
            assert "No images yet" not in text_of(app)
            assert "0 images" not in text_of(app)
            patch.undo()
            await pilot.press("f5")
            await shows(pilot, "debian")
            app.leave_now()


# -- much at once ------------------------------------------------------------------

STORM = (
    *((1 + (n * 73) % 200, 1 + (n * 37) % 60) for n in range(28)),
    *((1, 1), (200, 60)),
)


@pytest.mark.parametrize("keys", ["", "M", "d", "x", "o", "pager", "S", "J", "ctrl+p"])
async def test_a_terminal_that_changes_its_size_all_the_time_is_no_trouble(
    sample: Store, keys: str
) -> None:
    async with opened(sample) as (app, pilot):
        if keys == "pager":
            app.push_screen(Pager(sample, 12, "/file"))
            await shows(pilot, "12  /file", "text")
        elif keys:
            await pilot.press(keys)
        at = app.screen
        for width, height in STORM:
            app.post_message(_sized(width, height))
            await pilot.pause(0)
        await pilot.resize_terminal(120, 32)
        await until(pilot, lambda: app.screen is at, "what was there before")
        await pilot.pause()
        lines = text_of(app).splitlines()
        assert len(lines) <= 32
        assert max(map(len, lines)) <= 120
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main_of(app))
        await shows(pilot, "SUBTREE", "7 images")


def _sized(width: int, height: int) -> events.Resize:
    size = Size(width, height)
    return events.Resize(size, size)


async def test_a_thousand_marked_images_go_and_come_back_at_once(
    nothing: Store,
) -> None:
    layers = [stores.Layer(n, 0, f"origin {n}", f"name-{n}") for n in range(1, 1001)]
    store = stores.make(nothing.path, layers, CREATED)
    async with opened(store) as (app, pilot):
        table = table_of(app)
        for image in range(1, 1001):
            table.toggle_mark(image)
        await shows(pilot, "1000 marked")
        await pilot.press("d")
        await shows(pilot, "Removes 1,000 images.", "Their names go with them")
        victims = app.screen.query_one("#victims", LineList)
        assert len(victims.lines) == 1000
        button = app.screen.query_one("#remove")
        assert button.region.bottom <= 32, "the answers are to be seen"
        await pilot.press("right", "enter")
        await told(pilot, "Moved 1,000 images (")
        assert ids(store) == set()
        await shows(pilot, "No images yet")
        await pilot.press("u")
        await told(pilot, "1,000 images restored")
        await until(pilot, lambda: len(table.forest) == 1000)
        assert store.get_name("name-777") == 777


async def test_jobs_that_wait_leave_threads_for_all_else(sample: Store) -> None:
    def work(_report: Report, cancel: Cancel) -> Outcome:
        while True:
            cancel.wait(10)

    async with opened(sample) as (app, pilot):
        for number in range(40):  # more than any loop has threads by default
            parts_of(app).jobs.start(f"job {number}", work)
        await shows(pilot, "job 0", "and 37 more")
        names.set_name(sample, "fresh", 12)
        await pilot.press("f5")
        await shows(pilot, "fresh")
        await pilot.press("G", "d")
        await shows(pilot, "Removes 1 image.", "Its name goes")
        await pilot.press("escape")


async def test_ten_jobs_are_cancelled_together_and_quitting_asks(
    sample: Store,
) -> None:
    def work(report: Report, cancel: Cancel) -> Outcome:
        done = 0
        while True:
            cancel.check()
            done += 1000
            report(Progress("fetching", done % 10**9, 10**9, "bytes"))
            time.sleep(0.02)  # as the network has it

    async with opened(sample) as (app, pilot):
        for number in range(10):
            parts_of(app).jobs.start(f"job {number}", work)
        await shows(pilot, "job 0", "and 7 more")
        await pilot.press("j", "j")
        assert table_of(app).cursor == 2, "the keys are answered meanwhile"
        await pilot.press("q")
        await shows(pilot, "Quit?", "Still running: job 0, job 1", "job 9")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is main_of(app))
        assert len(app.jobs.running()) == 10
        await pilot.press("J")
        await shows(pilot, "10 running, 10 in all")
        for _ in range(10):
            await pilot.press("x", "j")
        await until(pilot, lambda: not app.jobs.running())
        await shows(pilot, "0 running, 10 in all")
        states = {job.state for job in app.jobs.all}
        assert states == {State.CANCELLED}
        await pilot.press("escape", "q")
        assert app._exit


async def test_a_click_on_what_has_just_gone_is_no_end(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        going = Static("going")
        going.styles.dock = "bottom"
        await app.screen.mount(going)
        await until(pilot, lambda: going.region.area)
        x, y = going.region.offset
        await going.remove()
        assert app.screen.get_widget_at(x, y)[0] is going, "it is drawn still"
        up = False, False, False
        for kind in (events.MouseDown, events.MouseUp):
            app.screen._forward_event(kind(None, x, y, 0, 0, 1, *up, x, y))
        await pilot.pause()
        assert app.return_code is None


async def test_an_answer_that_comes_late_closes_its_own_dialog(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("d")
        await shows(pilot, "Removes")
        asked = app.screen
        assert isinstance(asked, RemovalScreen)
        await pilot.resize_terminal(10, 3)
        await until(pilot, lambda: isinstance(app.screen, TooSmall))
        asked.action_safe()
        await pilot.pause()
        await pilot.resize_terminal(120, 32)
        await until(pilot, lambda: app.screen is main_of(app))
        await pilot.press("j")
        await until(pilot, lambda: table_of(app).cursor == 1)
