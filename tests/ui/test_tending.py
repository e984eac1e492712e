"""The machine, other stores, and what is in the trash for too long."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button, Input

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Report
from plashui.operations.doctor import Finding
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.settings.config import Config, Loaded
from plashui.store import names
from plashui.store.store import Store
from plashui.store.trash import listing as trash
from plashui.ui.dialogs.stores import StoreList, choices, looked_at
from plashui.ui.model.jobs.job import Outcome
from plashui.ui.screens.doctor import doctor_lines, verdict
from plashui.ui.screens.trash import TrashScreen
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    parts_of,
    shows,
    table_of,
    text_of,
    told,
    until,
)

pytestmark = pytest.mark.usefixtures("still")

FINDINGS = [
    Finding(True, "Linux 6.1", "", ""),
    Finding(False, "user ids", "you have none", "As root: usermod --add-subuids x"),
    Finding(False, "Landlock", "not in\x1b this kernel " * 5, "Boot another", True),
    Finding(True, "disk space", "61 GB free", ""),
]


def test_the_verdict_tells_what_is_needed_from_what_is_not() -> None:
    assert verdict(FINDINGS) == "1 problem"
    assert verdict(FINDINGS[2:]) == "all required checks pass"
    assert verdict(FINDINGS[3:]) == "all checks pass"


def test_each_finding_says_in_a_word_how_it_is_and_its_remedy_in_full() -> None:
    text = ["".join(p for p, _ in line) for line in doctor_lines(FINDINGS, 60)]
    assert text[0] == " works     Linux 6.1"
    assert text[1] == " FAILED    user ids: you have none"
    assert text[2] == "           → As root: usermod --add-subuids x"
    assert text[4].startswith(" optional  Landlock: not in\\x1b this")
    assert all(len(line) <= 60 for line in text)


async def test_the_doctor_looks_again(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = list(FINDINGS)
    monkeypatch.setattr("plashui.ui.screens.doctor.diagnose", lambda _store: found)
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("D")
        await shows(pilot, "1 problem", "usermod --add-subuids x")
        await matches_golden(pilot, "doctor-80x24")
        await pilot.resize_terminal(60, 17)
        await matches_golden(pilot, "doctor-60x17")
        found[1:3] = []
        await pilot.press("r")
        await shows(pilot, "all checks pass")

        def broken(_store: Store) -> list[Finding]:
            raise PlashError("the helper is gone")

        monkeypatch.setattr("plashui.ui.screens.doctor.diagnose", broken)
        await pilot.press("r")
        await told(pilot, "the helper is gone")
        await pilot.press("escape")
        assert app.screen is main_of(app)


@pytest.fixture
def other(tmp_path: Path) -> Store:
    """A second store, of three images; one of its ids is in the sample too."""
    layers = (
        stores.Layer(1, 0, "other.tar", "mine", 1),
        stores.Layer(2, 1, "two", "", 2),
        stores.Layer(3, 2, "three", "", 3),
    )
    return stores.make(tmp_path / "home/other", layers, CREATED)


def named(other: Store) -> Loaded:
    """A config that names the other store, and one that is not there."""
    return Loaded(Config(stores={"work": other.root, "new": "/nonexistent/x"}), "")


def test_every_store_is_a_choice_once(sample: Store, other: Store) -> None:
    found = choices("/here", {"usual": sample.root, "work": other.root})
    assert [(c.name, c.path) for c in found] == [
        ("usual", sample.root),
        ("work", other.root),
        ("", "/here"),
    ]
    assert [looked_at(c).about for c in found] == [
        *("7 images", "3 images", "no store yet"),
    ]
    Path(other.path / "layer").rename(other.path / "x")
    assert looked_at(found[1]).about


async def test_another_store_shows_nothing_of_the_one_before(
    sample: Store, other: Store
) -> None:
    release = threading.Event()

    def work(_report: Report, _cancel: Cancel) -> Outcome:
        release.wait(20)
        return Outcome("image 17", 17)

    async with opened(sample, loaded=named(other)) as (app, pilot):
        parts_of(app).jobs.start("importing x", work)
        await pilot.press("slash", "e", "enter", "space", "O")
        await shows(pilot, "3 images", "no store yet", "current")
        await matches_golden(pilot, "stores-120x32")
        assert app.screen.query_one(StoreList).cursor == 0
        await pilot.press("enter")
        await shows(pilot, "~/other", "3 images · 6.", "other.tar")
        assert table_of(app).marks == set()
        assert table_of(app).needle == ""
        assert "filter" not in text_of(app)
        assert "debian" not in text_of(app)
        assert "importing x" in text_of(app), "the job goes on"
        release.set()
        await told(pilot, f"importing x: image 17 (in the store {sample.root})")
        assert table_of(app).image == 1
        await pilot.press("u")
        await told(pilot, "Nothing to undo")
        names.set_name(other, "new name", 3)
        await shows(pilot, "new name")
        names.set_name(sample, "old name", 5)
        await pilot.press("O")
        await shows(pilot, "Switch store")
        await pilot.press("end", "enter")
        await shows(pilot, "7 images", "~/.plashdata", "old name")


async def test_any_path_can_be_typed(sample: Store, other: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("O")
        await shows(pilot, "Switch store", "7 images")
        await matches_golden(pilot, "stores-60x17")
        field = app.screen.query_one(Input)
        app.screen.set_focus(field)
        for path, words in (
            ("", "Switch store"),
            ("/nonexistent/a/b", "There is no directory /nonexistent/a"),
            ("/etc/passwd", "is not a directory"),
        ):
            field.value = path
            await pilot.press("enter")
            await shows(pilot, words)
        field.value = "~/other"
        await pilot.press("enter")
        await shows(pilot, "3 images")
        assert app.store.root == other.root


def throw_away(store: Store, image: int, days: float) -> None:
    """Let an image be in the trash for so many days."""
    forest = store.read()
    remove(store, plan_removal(store, forest, [image]), trash=True)
    note = store.path / f"trash/{image}/_meta/trash.json"
    told = json.loads(note.read_text())
    note.write_text(json.dumps({**told, "removed": time.time() - days * 86400}))


async def test_what_is_too_long_in_the_trash_is_told_and_can_be_freed(
    sample: Store,
) -> None:
    throw_away(sample, 17, 40)
    throw_away(sample, 12, 3)
    loaded = Loaded(Config(trash_age=30 * 86400.0), "")
    async with opened(sample, loaded=loaded) as (app, pilot):
        await told(
            pilot, "1 removal (30 MB) has been in the trash for more than 30 d - T"
        )
        await pilot.press("T")
        await shows(pilot, "2 removals")
        await pilot.press("o")
        await shows(pilot, "30d", "1 removal, 30 MB")
        field = app.screen.query_one(Input)
        field.value = "50d"
        await shows(pilot, "0 removals")
        assert app.screen.query_one("#on", Button).disabled
        field.value = "30d"
        await shows(pilot, "1 removal, 30 MB")
        await pilot.press("enter")
        await shows(pilot, "1 image, 30 MB. This cannot be undone.")
        await pilot.press("right", "enter")
        await until(pilot, lambda: [t.id for t in trash.trashed(sample)] == [12])


async def test_the_page_of_the_trash_reads_it_once_whenever_it_comes_to_the_top(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    throw_away(sample, 17, 3)
    begun: list[object] = []
    start = TrashScreen.run_worker

    def counted(screen: TrashScreen, *words: Any, **more: Any) -> Any:
        begun.append(more.get("group"))
        return start(screen, *words, **more)

    monkeypatch.setattr(TrashScreen, "run_worker", counted)
    async with opened(sample) as (_app, pilot):
        await pilot.press("T")
        await shows(pilot, "1 removal")
        await pilot.pause()
        assert begun == ["trash"]
        await pilot.press("d")
        await shows(pilot, "This cannot be undone")
        await pilot.press("escape")
        await until(pilot, lambda: begun == ["trash", "trash"], "the second look")


async def test_while_an_age_is_typed_nobody_waits_for_the_disk(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    throw_away(sample, 17, 40)
    async with opened(sample) as (app, pilot):
        await pilot.press("T")
        await shows(pilot, "1 removal")
        await pilot.pause()
        read: list[Store] = []

        def seen(store: Store, **_more: object) -> list[trash.Trashed]:
            read.append(store)
            return []

        monkeypatch.setattr(trash, "trashed", seen)
        await pilot.press("o")
        await shows(pilot, "30d", "1 removal, 30 MB")
        app.screen.query_one(Input).value = "50d"
        await shows(pilot, "0 removals")
        assert not read


async def test_nothing_is_said_of_a_trash_that_is_young(sample: Store) -> None:
    throw_away(sample, 17, 3)
    loaded = Loaded(Config(trash_age=30 * 86400.0), "")
    async with opened(sample, loaded=loaded) as (app, pilot):

        def looking() -> bool:
            return any(
                w.group == "old trash" and not w.is_finished for w in app.workers
            )

        await until(pilot, lambda: not looking(), "the look into the trash to end")
        await pilot.pause()
        assert not list(app._notifications)
