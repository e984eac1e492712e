"""Background jobs, as values."""

from __future__ import annotations

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, LayerProgress, Progress, Rate, Report
from plashui.base.units import duration
from plashui.ui.model.jobs.job import Job, Jobs, Outcome, State
from plashui.ui.screens.jobs import log_lines


def test_a_job_tells_bytes_rate_and_time_left() -> None:
    at = [0.0]
    job = Job(
        1, "importing x.tar", lambda _r, _c: Outcome(""), rate=Rate(lambda: at[0])
    )
    assert job.line(80) == "importing x.tar …"
    for second in range(4):
        at[0] = float(second)
        job.report(Progress("import", second * 12_000_000, 100_000_000, "bytes"))
    assert job.line(80).split("  ") == [
        "importing x.tar",
        "█████▊░░░░░░░░░░",
        "36 %",
        "12 MB/s",
        "5 s left",
    ]
    job.report(Progress("import", 5, None, "files"))
    assert job.line(80).startswith("importing x.tar  5 files")


def test_a_pull_tells_each_layer_and_all_and_logs_what_is_complete() -> None:
    at = [0.0]
    job = Job(1, "importing x", lambda _r, _c: Outcome(""), rate=Rate(lambda: at[0]))
    mega = 1_000_000

    def report(second: int, *layers: tuple[int, int, bool]) -> list[str]:
        at[0] = float(second)
        every = tuple(LayerProgress(*layer) for layer in layers)
        done = sum(layer.done for layer in every[1:])
        job.report(Progress("pulling x", done, 60 * mega, "bytes", every))
        return ["".join(piece for piece, _kind in line) for line in log_lines(job, 60)]

    here, last = (9 * mega, 9 * mega, True), (0, 30 * mega, False)
    full = 20 * mega
    report(0, here, (0, full, False), (0, 10 * mega, False), last)
    found = report(2, here, (5 * mega, full, False), (5 * mega, 10 * mega, False), last)
    assert found == [
        " pulling x",
        " 1 of 4 layers are here already",
        " layer 2 of 4  ████░░░░░░░░░░░░   25 %  5.0 MB of 20 MB",
        " layer 3 of 4  ████████░░░░░░░░   50 %  5.0 MB of 10 MB",
        " 1 layer, 30 MB, waits",
        " 10 MB of 60 MB, 16 %, 1 of 4 layers, 5.0 MB/s, 10 s left",
    ]
    assert "16 %  1 of 4 layers  5.0 MB/s  10 s left" in job.line(100)
    assert "layers" not in job.line(60)
    assert job.line(32) == "importing x  16 %  5.0 MB/s"
    found = report(3, here, (full, full, True), (5 * mega, 10 * mega, False), last)
    assert found[2] == " layer 2 of 4 is complete, 20 MB"
    job.run()
    assert not any("wait" in line[0][0] for line in log_lines(job, 60))


def test_a_job_that_may_hang_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("plashui.ui.model.jobs.job.time.time", lambda: now[0])
    job = Job(1, "importing x.tar", lambda _r, _c: Outcome(""))
    now[0] += 31
    assert job.line(80) == "importing x.tar …  no progress for 31 s"
    job.report(Progress("import", 5, None, "files"))
    assert "no progress" not in job.line(80)
    now[0] += 100
    job.report(Progress("import", 5, None, "files"))  # that is none
    assert job.line(80).endswith("  no progress for 1 min 40 s")


def test_how_a_job_ends_is_a_sentence() -> None:
    def fails(_report: Report, _cancel: Cancel) -> Outcome:
        raise PlashError("reading x.tar: it ends early", "Fetch it again")

    def stops(_report: Report, cancel: Cancel) -> Outcome:
        cancel.check()
        raise Cancelled

    def breaks(_report: Report, _cancel: Cancel) -> Outcome:
        raise KeyError("x")

    jobs = Jobs()
    done = jobs.add("a", lambda _r, _c: Outcome("image 7", 7))
    failed, stopped, broken = (jobs.add("b", w) for w in (fails, stops, breaks))
    stopped.cancel.set()
    for job in jobs.all:
        job.run()
    assert (done.state, done.outcome, done.image) == (State.DONE, "image 7", 7)
    assert failed.state is State.FAILED
    assert failed.outcome == "reading x.tar: it ends early. Fetch it again"
    assert stopped.state is State.CANCELLED
    assert broken.state is State.FAILED
    assert jobs.running() == []


def test_the_title_of_a_job_is_harmless() -> None:
    job = Job(1, "importing \x1b[31mx\n.tar", lambda _r, _c: Outcome(""))
    assert job.line(80) == "importing \\x1b[31mx\\n.tar …"


def test_durations_are_short() -> None:
    assert [duration(s) for s in (0.2, 59, 61, 3700)] == [
        "1 s",
        "59 s",
        "1 min 1 s",
        "1 h 1 min",
    ]
