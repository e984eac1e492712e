"""What is there only on a large screen: the small map, and jobs as a panel."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.store.store import Store
from plashui.ui.model.jobs.job import Jobs, Outcome
from plashui.ui.screens.jobs import JobsScreen
from plashui.ui.widgets.job_panel import ROWS, JobPanel, job_lines
from plashui.ui.widgets.job_strip import JobStrip
from plashui.ui.widgets.mini_map import MiniMap
from tests.ui.driving import (
    matches_golden,
    opened,
    parts_of,
    shows,
    table_of,
    text_of,
    until,
    view_of,
)

VAST = (160, 45)


def failing(_report: Report, _cancel: Cancel) -> Outcome:
    """A job that fails at once."""
    raise PlashError("exit 100: apt-get update")


def lasting(report: Report, cancel: Cancel) -> Outcome:
    """A job that runs until it is cancelled."""
    report(Progress("nginx", 610, 1000, "bytes"))
    while not cancel.is_set():
        cancel.wait(60.0)
    raise Cancelled


async def mini_of(pilot: Pilot[None]) -> MiniMap:
    """The small map, once it has blocks."""
    await until(pilot, lambda: any(m.blocks for m in pilot.app.screen.query(MiniMap)))
    return pilot.app.screen.query_one(MiniMap)


def marked(mini: MiniMap) -> int | None:
    """The image whose block is marked."""
    return mini.blocks[mini.cursor].image if mini.cursor >= 0 else None


async def test_the_small_map_follows_the_cursor_and_the_store(sample: Store) -> None:
    async with opened(sample, VAST) as (app, pilot):
        mini = await mini_of(pilot)
        await until(pilot, lambda: marked(mini) == 1)
        await pilot.press("j", "j", "j", "j")
        assert table_of(app).image == 6
        await until(pilot, lambda: marked(mini) == 6)
        await shows(pilot, "┏6 toolchain")
        await pilot.press("space")
        await shows(pilot, "▌6 toolchain")
        for image in (6, 5):
            (sample.path / f"index/{image}").unlink()
        parts_of(app).reader.reread()
        await until(pilot, lambda: mini.blocks and 5 not in mini.known.forest)
        assert {b.image for b in mini.blocks} <= {1, 2, 17, 9, 12}


async def test_the_small_map_is_clicked_enlarged_and_coloured(sample: Store) -> None:
    async with opened(sample, VAST) as (app, pilot):
        mini = await mini_of(pilot)
        await shows(pilot, "Map · colour: distribution", "M enlarges")
        block = next(b for b in mini.blocks if b.image == 6)
        await pilot.click(mini, offset=(block.box.x + 3, block.box.y + 2))
        await until(pilot, lambda: table_of(app).image == 6)
        assert app.focused is table_of(app)
        await pilot.press("M")
        view = view_of(app)
        await until(pilot, lambda: view.usage_map and view.usage_map.blocks)
        await until(pilot, lambda: "enlarges" not in text_of(app))
        await pilot.press("c")
        await shows(pilot, "age: ")
        await pilot.press("M")
        await shows(pilot, "Map · colour: age", "M enlarges", "6 toolchain")
        await pilot.click(mini, offset=(block.box.x + 3, block.box.y + 2), times=2)
        await until(pilot, lambda: view.usage_map is not None)
    async with opened(sample, VAST) as (_app, pilot):
        await shows(pilot, "Map · colour: age")


async def test_below_that_size_neither_is_there(sample: Store) -> None:
    async with opened(sample, VAST) as (app, pilot):
        await mini_of(pilot)
        job = parts_of(app).jobs.start("import nginx", lasting)
        await shows(pilot, "Jobs 1 running", "61 %", "J opens")
        assert not app.screen.query(JobStrip)
        await pilot.resize_terminal(159, 45)
        await until(pilot, lambda: not app.screen.query(MiniMap))
        await shows(pilot, "J: jobs")
        assert "enlarges" not in text_of(app)
        assert "J opens" not in text_of(app)
        await pilot.resize_terminal(160, 44)
        await pilot.pause()
        assert not app.screen.query(MiniMap)
        await pilot.resize_terminal(*VAST)
        await mini_of(pilot)
        await shows(pilot, "J opens")
        job.cancel.set()
        await until(pilot, lambda: not app.screen.query_one(JobPanel).display)


@pytest.mark.usefixtures("still")
async def test_jobs_that_failed_stay_with_their_reason(sample: Store) -> None:
    async with opened(sample, VAST) as (app, pilot):
        jobs = parts_of(app).jobs
        jobs.start("build ci2", failing)
        await shows(pilot, "✗ build ci2: exit 100: apt-get update")
        job = jobs.start("import nginx.tar.zst", lasting)
        await shows(pilot, "Jobs 1 running · 1 failed", "61 %", "┏▾ 1 debian")
        await shows(pilot, "removing it frees 1.8 GB", "last used")
        await matches_golden(pilot, "vast-160x45")
        await pilot.click(JobPanel)
        await until(pilot, lambda: isinstance(app.screen, JobsScreen))
        job.cancel.set()
        await shows(pilot, "cancelled")
        await pilot.press("c", "escape")
        await until(pilot, lambda: not app.screen.query_one(JobPanel).display)


def test_many_jobs_take_a_few_lines_and_the_rest_is_counted() -> None:
    jobs = Jobs()
    for number in range(9):
        jobs.add(f"build {number} {'x' * 90}", failing).run()
    for width in (60, 140):
        for count in range(1, 10):
            lines = job_lines(jobs.failed()[:count], width)
            text = ["".join(piece for piece, _kind in line) for line in lines]
            assert len(lines) <= ROWS
            assert max(map(cell_len, text)) <= width
            said = sum(line.count("✗") for line in text)
            more = f"and {count - said} more"
            assert said == count or more in text[-1]
    assert all("exit 100" in line for line in text)
