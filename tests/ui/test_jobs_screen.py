"""The jobs: list, log, cancel, retry, and the terminal's own notification."""

from __future__ import annotations

import os
import threading

import pytest

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.store.store import Store
from plashui.ui.model.jobs.job import LONGEST_LOG, Job, Outcome, State
from plashui.ui.platform.terminal import notification
from plashui.ui.screens.jobs import JobsScreen, job_line, keys_of, log_lines
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    parts_of,
    shows,
    told,
    until,
)
from tests.ui.test_hostile import harmless


def text(job: Job, width: int) -> str:
    """A job's line."""
    return "".join(piece for piece, _kind in job_line(job, width))


def test_a_job_is_one_line_of_the_screen_s_width() -> None:
    job = Job(1, "importing " + "x" * 300, lambda _r, _c: Outcome("image 7"))
    for width in (60, 80, 160):
        assert len(text(job, width)) == width
    job.run()
    assert "done" in text(job, 80)


def test_the_log_has_steps_lines_and_the_whole_error() -> None:
    why = "reading x.tar: " + "it ends early " * 20

    def work(report: Report, _cancel: Cancel) -> Outcome:
        for done in range(3):
            report(Progress("fetching x", done, 9, "bytes"))
        for line in ("same", "same", "\x1b[31mred"):
            report(Progress(line, 1, None, "lines"))
        report(Progress("importing x", 1, 9, "bytes"))
        raise PlashError(why.strip())

    job = Job(1, "x", work)
    job.run()
    assert list(job.log)[:5] == [
        *("fetching x", "same", "same", "\\x1b[31mred", "importing x"),
    ]
    lines = ["".join(p for p, _ in line) for line in log_lines(job, 60)]
    assert " ".join(line.strip() for line in lines[5:]) == why.strip()
    assert max(map(len, lines)) <= 60


def test_of_a_long_log_the_end_is_kept() -> None:
    def work(report: Report, _cancel: Cancel) -> Outcome:
        for number in range(LONGEST_LOG + 10):
            report(Progress(f"line {number}", number, None, "lines"))
        return Outcome("done")

    job = Job(1, "x", work)
    job.run()
    lines = log_lines(job, 80)
    assert lines[0][0][0] == " … 11 lines before"
    assert len(lines) == LONGEST_LOG + 1


def test_the_footer_has_what_can_be_done_with_the_job_under_the_cursor() -> None:
    jobs = [Job(number, "x", lambda _r, _c: Outcome("")) for number in range(3)]
    runs, done, failed = jobs
    done.state, failed.state = State.DONE, State.FAILED
    for chosen, wanted in (runs, "xc"), (done, "c"), (failed, "rc"):
        keys = [key.key for key in keys_of(jobs, chosen)]
        assert keys == [*wanted, "tab", "esc"]
    assert [key.key for key in keys_of([runs], runs)] == ["x", "tab", "esc"]
    assert [key.key for key in keys_of([], None)] == ["esc"]


class Slow:
    """Work that goes on as the test says; it fails the first time if it is to."""

    def __init__(self, *lines: str, fails: bool = False) -> None:
        """Say these lines."""
        self.lines, self.fails = lines, fails
        self.go_on = threading.Event()
        self.runs = 0

    def __call__(self, report: Report, cancel: Cancel) -> Outcome:
        """Do it."""
        self.runs += 1
        cancel.on_cancel(self.go_on.set)
        for number, line in enumerate(self.lines):
            report(Progress(line, number + 1, None, "lines"))
        self.go_on.wait(10)
        cancel.check()
        if self.fails and self.runs == 1:
            raise PlashError("the helper was killed by SIGKILL")
        return Outcome("image 7", 7)


@pytest.mark.usefixtures("still")
async def test_the_jobs_and_the_log_of_the_chosen_one(sample: Store) -> None:
    for size in ((120, 32), (60, 17)):
        async with opened(sample, size) as (app, pilot):
            main = main_of(app)
            built = Slow(*(f"Setting up [x{n}] ..." for n in range(30)))
            built.go_on.set()
            main.parts.jobs.start("building apt-get install -y git on 1", built)
            await told(pilot, "image 7")
            app.clear_notifications()
            waits = Slow("up")
            main.parts.jobs.start("importing debian.tar.xz", waits)
            await pilot.press("J")
            await shows(pilot, "Log of importing debian.tar.xz", "up")
            await pilot.press("j")
            await shows(pilot, "Setting up [x29] ...", "image 7")
            await matches_golden(pilot, f"jobs-{size[0]}x{size[1]}")
            await pilot.press("tab", "g")
            await shows(pilot, "Setting up [x0] ...")
            await pilot.press("escape", "J", "k", "x")
            await shows(pilot, "cancelled; nothing was changed")


async def test_what_failed_or_was_cancelled_is_tried_again(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        main = main_of(app)
        work = Slow("up", fails=True)
        work.go_on.set()
        main.parts.jobs.start("importing x", work)
        await told(pilot, "importing x failed: the helper was killed by SIGKILL")
        await pilot.press("J")
        await until(pilot, lambda: isinstance(app.screen, JobsScreen))
        await shows(pilot, "failed", "killed by SIGKILL")
        await pilot.press("r")
        await told(pilot, "importing x: image 7")
        await shows(pilot, "0 running, 2 in all")
        assert [job.state for job in app.jobs.all] == [State.FAILED, State.DONE]
        await pilot.press("r")
        await told(pilot, "Nothing to retry: it is done")
        await pilot.press("x")
        await told(pilot, "Already finished")
        await pilot.press("c")
        await shows(pilot, "No jobs yet")
        assert app.jobs.all == []


async def test_jobs_leave_the_processor_to_the_screen(sample: Store) -> None:
    seen: list[int] = []

    def work(_report: Report, _cancel: Cancel) -> Outcome:
        seen.append(os.nice(0))
        return Outcome("done")

    async with opened(sample) as (app, pilot):
        before = os.nice(0)
        parts_of(app).jobs.start("work", work)
        await told(pilot, "work: done")
        assert seen[0] > before == os.nice(0) or seen[0] == 19


async def test_ten_jobs_at_once_survive_another_view(sample: Store) -> None:
    works = [Slow(f"line {n}") for n in range(10)]
    async with opened(sample) as (app, pilot):
        for number, work in enumerate(works):
            parts_of(app).jobs.start(f"job {number}", work)
        await shows(pilot, "and 7 more")
        await pilot.press("J")
        await shows(pilot, "10 running, 10 in all")
        await pilot.press("escape", "T", "escape")
        for work in works[::2]:
            work.go_on.set()
        await until(pilot, lambda: len(app.jobs.running()) == 5)
        await pilot.press("q")
        await shows(pilot, "Still running: job 1, job 3")
        await pilot.press("escape")
        app.jobs.cancel_all()
        await until(pilot, lambda: not app.jobs.running())
        states = [job.state for job in app.jobs.all]
        assert states == [State.DONE, State.CANCELLED] * 5


async def test_the_terminal_is_asked_to_notify_only_who_looks_away(
    sample: Store,
) -> None:
    written: list[str] = []
    async with opened(sample) as (app, pilot):
        app.to_terminal = written.append
        work = Slow()
        work.go_on.set()
        parts_of(app).jobs.start("importing x", work)
        await told(pilot, "importing x: image 7")
        assert written == []
        app.app_focus = False
        parts_of(app).jobs.start("importing \x1b]0;y;\x07", work)
        await until(pilot, lambda: written)
    words = "importing \\x1b]0,y,\\x07: image 7"
    assert written == [
        f"\x1b]9;plashui: {words}\x1b\\\x1b]777;notify;plashui;{words}\x1b\\\x07"
    ]
    assert notification("x").count("\x1b") == 4


async def test_logs_and_titles_are_harmless(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        bad = "[red]\x1b[2J \u202egnp \udcff[/]"
        work = Slow(bad)
        work.go_on.set()
        parts_of(app).jobs.start(f"building {bad}", work)
        await pilot.press("J")
        await shows(pilot, "Log of building [red]\\x1b[2J", "image 7")
        harmless("\n".join(app.jobs.all[0].log))
        from tests.ui.driving import text_of

        harmless(text_of(app))
