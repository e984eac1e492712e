"""What a first user found wrong, each as it is meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.store import marks
from plashui.store.store import Store
from plashui.ui.dialogs.stores import choices
from plashui.ui.model.forms.typed import path_of
from plashui.ui.model.images.row_cells import Picture, row_cells
from plashui.ui.model.jobs.job import Job, Outcome, State
from plashui.ui.store_view.watcher import worth_watching
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.tree_table import TreeTable
from tests.ui.driving import main_of, opened, shows, text_of, until, view_of


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
        ):
            await pilot.press(*keys)
            await until(pilot, lambda: title in text_of(app).splitlines()[2])  # noqa: B023
            await pilot.press("escape", "escape", "escape")
            await until(pilot, lambda: app.screen is main_of(app))


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


async def test_one_entry_of_the_palette_is_one_line(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("ctrl+p")
        await shows(pilot, "Back (esc)", "Build (b)", "Clean (C)")
        await pilot.press(*"trash")
        await shows(pilot, "Trash (T)", "$ plash trash")
        assert text_of(app).count("Trash (T)") == 1
