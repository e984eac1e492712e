"""What a first user found wrong, each as it is meant to be."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Button

from plashui import ui
from plashui.base.errors import Holder, PlashError
from plashui.base.units import size
from plashui.helper import process
from plashui.model.forest import Forest, Image
from plashui.operations import shrink
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.operations.squash import plan_squash
from plashui.processes import holders
from plashui.store import marks
from plashui.store.disk_usage import measured
from plashui.store.store import Store
from plashui.transfer.imports import tarball
from plashui.ui.actions.table import ACTIONS
from plashui.ui.dialogs.base import Dialog
from plashui.ui.dialogs.once import AnswersOnce
from plashui.ui.dialogs.palette import Palette
from plashui.ui.dialogs.squash import SquashScreen
from plashui.ui.dialogs.stores import choices
from plashui.ui.model.action import Now
from plashui.ui.model.details.describe import some_children
from plashui.ui.model.forms.typed import path_of
from plashui.ui.model.images.row_cells import Picture, row_cells
from plashui.ui.model.jobs.job import Job, Outcome, State
from plashui.ui.platform.textual_private import SturdyPalette
from plashui.ui.screens.help import HelpScreen, help_lines
from plashui.ui.screens.main import MainScreen
from plashui.ui.screens.too_small import TooSmall
from plashui.ui.store_view.watcher import worth_watching
from plashui.ui.tabs.details import Details
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.tree_table import TreeTable
from plashui.verbs import df, show
from plashui.verbs.table import VERBS
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    main_of,
    opened,
    parts_of,
    shows,
    text_of,
    told,
    until,
    view_of,
)


async def test_the_filter_finds_notes_and_shows_what_matched(sample: Store) -> None:
    marks.write_note(sample, 6, "keep until March")
    async with opened(sample) as (app, pilot):
        await until(pilot, lambda: 6 in view_of(app).table.facts.notes)
        await pilot.press("slash", *"until march", "enter")
        await until(pilot, lambda: view_of(app).image == 6)
        await pilot.press("escape", "slash", *"make", "enter")
        await until(pilot, lambda: view_of(app).image == 6)
        table = view_of(app).table
        kinds = {kind for row in range(3) for _, kind in _cells(table, row)}
        assert "found" in kinds
        assert {k for _, k in _cells(table, 0)} <= {
            "mark",
            "guide",
            "busy",
            "faint",
            "",
        }


def _cells(table: TreeTable, row: int) -> list[tuple[str, str]]:
    picture = Picture(
        table.forest,
        table.columns,
        table.facts,
        table.shares,
        table.folds,
        table._all.words,
    )
    return row_cells(table.rows[row], picture, marked=False)


async def test_a_notification_is_drawn_on_the_screen_on_top_only(sample: Store) -> None:
    async with opened(sample, toasts=True) as (app, pilot):
        app.notify("only once", timeout=600)
        await shows(pilot, "only once")
        await pilot.press("r")
        await shows(pilot, "Name of image 1")
        await until(pilot, lambda: text_of(app).count("only once") == 1)
        await pilot.press("escape")
        await until(pilot, lambda: text_of(app).count("only once") == 1)


async def test_enter_on_a_layer_goes_to_its_image(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "j", "2", "o")
        await shows(pilot, "HIDES", "240 MB in 3 layers")
        rows = (
            main_of(app).parts.view.details.query("LayersTab LineList").last(LineList)
        )
        ids = [line[0][0].strip() if line else "" for line in rows.lines]
        rows.cursor = ids.index("2")
        await pilot.press("enter")
        await until(pilot, lambda: view_of(app).image == 2)


def test_what_came_of_a_job_is_read_whatever_its_title() -> None:
    title = "Build for i in 1 2 3 4 5 6; do apt-get install $i; done"
    job = Job(1, title, lambda _report, _cancel: Outcome(""))
    job.state, job.outcome = State.FAILED, "exit 100: apt-get update"
    for width in (60, 100):
        assert "exit 100: apt-get update" in job.line(width)
        assert len(job.line(width)) <= width


async def test_the_help_begins_with_where_one_is(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        for keys, title in (
            (("question_mark",), "On the tree"),
            (("T", "question_mark"), "Trash"),
            (("J", "question_mark"), "Jobs"),
            (("M", "question_mark"), "Usage map"),
            (("o", "question_mark"), "In the details"),
            (("D", "question_mark"), "This machine"),
            (("A", "question_mark"), "All running"),
            (("d", "question_mark"), "Dialogs"),
            (("s", "question_mark"), "Menus"),
            (("z", "tab", "tab", "question_mark"), "Dialogs"),
        ):
            await pilot.press(*keys)
            await until(pilot, lambda: title in text_of(app).splitlines()[2])  # noqa: B023
            await pilot.press("escape", "escape", "escape")
            await until(pilot, lambda: app.screen is main_of(app))


def test_every_page_and_dialog_has_its_section_of_the_help() -> None:
    for module in pkgutil.walk_packages(ui.__path__, "plashui.ui."):
        importlib.import_module(module.name)
    titles = {
        line[0][0].strip() for line in help_lines(Now(), 80, ACTIONS) if len(line) == 1
    }
    pages = {
        page
        for page in (*below(Screen), *below(Dialog))
        if page.__module__.startswith("plashui.ui.")
    } - {Dialog, AnswersOnce, HelpScreen, MainScreen, TooSmall, SturdyPalette, Palette}
    without = {
        page.__name__
        for page in pages
        if getattr(page, "help_section", "") not in titles
    }
    assert not without


def below(kind: type[Any]) -> Iterator[type[Any]]:
    """The classes made from this one, and those made from them."""
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def test_the_end_of_each_process_of_the_image_shown_is_noticed() -> None:
    class One:
        def __init__(self, image: int, pid: int) -> None:
            self.image, self.pid = image, pid

    found = [One(5, 10), One(5, 11), One(7, 20), One(7, 21)]
    assert worth_watching(found, 5) == {10, 11, 20}  # type: ignore[arg-type]


def test_both_stores_that_are_usual_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = f"{tmp_path}/home/.plashdata"
    assert [one.name for one in choices(home, {})] == ["default"]
    monkeypatch.setenv("PLASH_DATA", f"{tmp_path}/other")
    found = {one.path: one.name for one in choices(home, {})}
    assert found == {f"{tmp_path}/other": "$PLASH_DATA", home: "default"}


def test_a_path_in_a_directory_that_is_gone_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(PlashError, match="the working directory was removed"):
        path_of("a.tar", "file")
    assert path_of("/a.tar", "file") == Path("/a.tar")


async def test_a_name_with_a_space_keeps_it(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("r", *"my", "space", *"child", "enter")
        await until(pilot, lambda: sample.read().images[1].names == ("my child",))


async def test_one_thing_has_one_figure_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = stores.make(tmp_path / "home/.plashdata", (), CREATED)
    monkeypatch.setenv("PLASH_DATA", store.root)
    for number, parent in enumerate((0, 1, 2, 1)):
        layer = tmp_path / f"layer{number}"
        layer.mkdir()
        (layer / "file").write_bytes(os.urandom(300_000 * (number + 1)))
        assert process.call(["stack", str(parent), str(layer)]).status == 0
    assert show.run(["2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert df.run(["--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    forest = measured(store, store.read())
    planned = shrink.plan(store, forest, shrink.Wish(to=0), trash=True)
    one_by_one = {step.image: step.bytes for step in planned.steps}
    async with opened(store) as (app, pilot):
        await pilot.press("j")
        details = app.screen.query_one(Details)

        def known() -> bool:
            subject = details._subject
            summary = parts_of(app).summary
            use = summary.totals is not None and summary.totals.use
            counted = subject.forest.subtree(2).known
            known = subject.beside is not None and subject.image == 2
            return known and counted and bool(use)

        await until(pilot, known)
        subject, totals = details._subject, parts_of(app).summary.totals
        await shows(pilot, f"removing it frees {size(told['frees'])}")
        await shows(pilot, size(whole["total"]))
    # What removing 2 frees: the details, the preview, shrink, and show.
    assert told["subtree"] == subject.forest.subtree(2).bytes
    assert told["frees"] == told["subtree"] + (subject.beside or 0)
    assert told["frees"] == plan_removal(store, forest, [2]).bytes
    assert told["frees"] == one_by_one[2] + one_by_one[3]
    # All of the store: the top line, df, and du.
    du = subprocess.run(
        ["du", "-s", "--block-size=1", store.root], capture_output=True, check=True
    )
    assert totals is not None
    assert totals.use is not None
    assert totals.use.total == whole["total"] == int(du.stdout.split()[0])
    assert totals.use.images == whole["images"] == forest.total().bytes


async def test_what_removing_frees_does_not_wait_for_who_uses_it(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def slow(_store: object) -> list[Holder]:
        assert asked.wait(60)
        return []

    monkeypatch.setattr("plashui.processes.holders.holders", slow)
    async with opened(sample) as (app, pilot):
        try:
            await shows(pilot, "removing it frees 1.8 GB")
            assert "last used" not in text_of(app), "what the other look tells"
        finally:
            asked.set()


async def test_each_process_in_an_image_has_a_line_and_goes_when_it_ends(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.ui.store_view.watcher.BETWEEN", 0.05)
    with (
        subprocess.Popen(["sleep", "600"]) as first,
        subprocess.Popen(["sleep", "600"]) as other,
    ):
        there = [
            Holder(first.pid, "sleep 100", 1),
            Holder(other.pid, "sleep 111", 1),
            Holder(os.getpid(), "plash engine:pack-image", 1, helper=True),
        ]
        monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: [*there])
        try:
            async with opened(sample) as (app, pilot):
                one, two = f"{first.pid} sleep 100", f"{other.pid} sleep 111"
                await shows(pilot, one, two)
                lines = text_of(app).splitlines()
                at = next(n for n, line in enumerate(lines) if one in line)
                assert "in use by" in lines[at]
                assert two in lines[at + 1]
                assert "pack-image" not in text_of(app), "the app itself"
                await until(pilot, lambda: parts_of(app).watcher.watching)
                del there[0]
                first.kill()
                await until(pilot, lambda: one not in text_of(app))
                assert two in text_of(app)
        finally:
            first.kill()
            other.kill()


def test_what_reads_an_image_for_the_app_is_not_listed_as_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        subprocess.Popen(["sleep", "600"]) as own,
        subprocess.Popen(["sh", "-c", "sleep 600 & wait"]) as shell,
    ):
        try:
            found = [
                Holder(own.pid, "plash engine:pack-image", 1, helper=True),
                Holder(shell.pid, "a command of a build", 1),
                Holder(os.getppid(), "plash run", 1, helper=True),
                Holder(os.getpid(), "plashui", 2),
                Holder(0, "mounted at /mnt", 3),
            ]
            monkeypatch.setattr(holders, "holders", lambda _path: found)
            assert holders.others("/store") == [found[1], found[2], found[4]]
        finally:
            own.kill()
            shell.kill()


async def test_a_preview_of_what_is_gone_removes_nothing(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await until(pilot, lambda: view_of(app).image == 1)
        await pilot.press("j", "j", "d")
        await shows(pilot, "Removes 1 image")
        image = view_of(app).image
        assert image is not None
        remove(sample, plan_removal(sample, sample.read(), [image]), trash=False)
        await pilot.press("d")
        await shows(pilot, "Nothing to remove: another program has removed it")
        assert app.screen.query_one("#remove", Button).disabled
        assert "would be removed now" not in text_of(app)
        assert set(sample.read().images) == {1, 2, 5, 6, 9, 12, 17} - {image}


def test_verbs_are_those_of_one_program() -> None:
    """All verbs are typed as `plash VERB`; `plashui` opens the app."""
    top = Path(__file__).parents[2]
    verbs = "|".join(sorted(map(re.escape, VERBS), key=len, reverse=True))
    typed = re.compile(rf"\bplashui ({verbs})(?![\w-])(?! (is|was|and|has)\b)")
    files = [top / "README.md", *(top / "plashui").rglob("*.py")]
    found = [
        f"{file.name}: {match[0]}"
        for file in files
        if file.is_file()
        for match in typed.finditer(file.read_text())
        if match[1] != "demo"
    ]
    assert not found


async def test_one_entry_of_the_palette_is_one_line(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("ctrl+p")
        await shows(pilot, "Back (esc)", "Build (b)", "Clean (C)")
        await pilot.press(*"trash")
        await shows(pilot, "Trash (T)", "$ plash trash")
        assert text_of(app).count("Trash (T)") == 1


async def test_enter_before_the_plan_is_there_squashes_once_it_is(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = threading.Event()

    def slow(*words: Any, **options: Any) -> Any:
        known.wait(10)
        return plan_squash(*words, **options)

    monkeypatch.setattr("plashui.ui.dialogs.squash.plan_squash", slow)
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "j", "z", "tab", *"flat", "enter")
        await shows(pilot, "Calculating …")
        assert isinstance(app.screen, SquashScreen)
        known.set()
        await told(pilot, "Squash 17: image 18 (flat)")


async def test_the_cursor_leaves_the_bars_their_colours(sample: Store) -> None:
    def inks(table: TreeTable, row: int) -> list[tuple[str, object]]:
        return [
            (part.text, part.style and part.style.color)
            for part in table.render_line(row)
            if set(part.text) & set("━╸╺─")
        ]

    async with opened(sample, (160, 45)) as (app, pilot):
        table = view_of(app).table
        await until(pilot, lambda: table.has_focus and table.cursor == 0)
        under = inks(table, 0)
        assert len({ink for _text, ink in under}) > 1, "own, and what is built on it"
        await pilot.press("j")
        await until(pilot, lambda: table.cursor == 1)
        assert inks(table, 0) == under


async def test_who_has_one_id_is_told_what_became_of_the_owners(
    sample: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_one_id(store: Store, _source: Path, **_options: Any) -> tarball.Imported:
        return tarball.Imported(max(store.read().images), 8, 0, 3)

    monkeypatch.setattr("plashui.transfer.imports.root.import_root", of_one_id)
    (tmp_path / "x.tar").touch()
    async with opened(sample) as (_app, pilot):
        await pilot.press("p", "up", "right", "right", "down")
        await pilot.press(*str(tmp_path / "x.tar"), "enter")
        await told(pilot, "3 files keep their owners as an attribute")


def test_what_an_image_is_the_base_of_is_named() -> None:
    images = {1: Image(1, 0), 2: Image(2, 1), 3: Image(3, 1, names=("web",))}
    assert some_children(Forest(images), (2, 3)) == "2, 3 web"
    many = some_children(Forest({i: Image(i, 0) for i in range(1, 20)}), range(1, 20))
    assert many.endswith("11, 12 and 7 more")
