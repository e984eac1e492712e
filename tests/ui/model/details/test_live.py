"""What runs in an image takes, as plain values."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from plashui.processes.ps import Running
from plashui.ui.model.details.live import POINTS, Course, Look, Use, shares, use_line


def sleeper(pid: int, cpu: float = 1.0, **more: Any) -> Running:
    """A process that took so many seconds of CPU."""
    made = Running(pid, 2, "run", "root", "sleep", cpu, 3.0, 2_000_000, 0.0, 9)
    return made._replace(**more)


def test_a_share_is_what_was_taken_since_the_last_look() -> None:
    first = Look(10.0, [sleeper(1, 5.0), sleeper(2, 5.0)])
    assert shares(None, first) == {(1, 9): 3.0, (2, 9): 3.0}
    another = sleeper(2, 0.1, birth=10)  # of the same number, and not the same
    second = Look(12.0, [sleeper(1, 6.0), another])
    assert shares(first, second) == {(1, 9): 50.0, (2, 10): 3.0}


def test_the_course_of_cpu_and_memory_is_that_of_the_last_looks() -> None:
    course = Course()
    assert course.use() is None
    for at in range(20):
        busy = [sleeper(1, at * 0.5), sleeper(2, at * 0.25, memory=at * 1_000_000)]
        course.take(Look(float(at), busy))
    use = course.use()
    assert use is not None
    assert (use.processes, use.cpu, use.memory) == (2, 75.0, 21_000_000)
    assert use.cpu_line == "█" * POINTS
    assert len(use.memory_line) == POINTS
    assert course.line_of(busy[0]) == "█" * POINTS
    calm = [sleeper(1, 9.5), sleeper(3, percent=0.0)]
    course.take(Look(20.0, calm))
    assert course.line_of(calm[0]) == "█" * (POINTS - 1) + "▁"
    assert course.line_of(calm[1]) == "▁", "one that is new has no past"
    course.take(Look(21.0, [Running(None, 2, "mount", "", "mounted")]))
    assert course.use() is None, "nothing runs"


def test_the_line_of_what_is_used_fits_in_its_width() -> None:
    use = Use(2, 63.4, 212_000_000, "▁▂▃▅▇▅▃", "▂▂▂▂▃▃▃")

    def line(width: int) -> str:
        return "".join(text for text, _kind in use_line(use, width))

    assert line(36) == "  2 procs · 63 % · 212 MB    ▁▂▃▅▇▅▃"
    assert line(60) == "  2 procs · 63 % ▁▂▃▅▇▅▃ · 212 MB ▂▂▂▂▃▃▃"
    assert line(30) == "  2 procs · 63 % · 212 MB ▅▇▅▃"
    assert line(25) == "  2 procs · 63 % · 212 MB"
    assert all(cell_len(line(width)) <= width for width in range(25, 90))
    assert use_line(None, 40) == ()
