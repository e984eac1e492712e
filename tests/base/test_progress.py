"""How far it is, how fast it goes, and how long it will take."""

from __future__ import annotations

import threading

import pytest

from plashui.base.errors import Cancelled
from plashui.base.progress import Cancel, Pace, Progress


def test_rate_and_time_left_are_told_once_they_are_known() -> None:
    at = [0.0]
    pace = Pace(lambda: at[0])

    def words(done: int, total: int | None = 100_000_000, what: str = "x") -> str:
        return pace.words(Progress(what, done, total, "bytes"))

    # Half of it was there already, which was no work of ours.
    assert words(50_000_000) == "50 MB of 100 MB, 50 %"
    at[0] = 2.0
    assert words(60_000_000) == "60 MB of 100 MB, 60 %, 5.0 MB/s, 8 s left"
    at[0] = 3.0
    assert words(100_000_000) == "100 MB of 100 MB, 100 %, 17 MB/s"
    # The next thing has a rate of its own.
    assert words(0, None, "y") == "0 B"
    at[0] = 4.0
    assert words(3_000_000, None, "y") == "3.0 MB, 3.0 MB/s"
    assert words(7, 3, "z") == "7 B of 3 B, 100 %"
    assert pace.words(Progress("f", 1200, None, "files")) == "1,200 files"


def test_a_rate_is_of_the_last_seconds_only() -> None:
    at = [0.0]
    pace = Pace(lambda: at[0])
    done = 0
    for second in range(30):
        at[0] = float(second)
        done += 1000 if second < 15 else 100
        words = pace.words(Progress("x", done, None, "files"))
    assert words.endswith("100 files/s")


def test_a_pause_ends_with_a_cancel() -> None:
    cancel = Cancel()
    cancel.wait(0.0)
    timer = threading.Timer(0.01, cancel.set)
    timer.start()
    with pytest.raises(Cancelled):
        cancel.wait(60)
    timer.join()
