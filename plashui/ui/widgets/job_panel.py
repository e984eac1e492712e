"""The panel of jobs on large screens: what runs, and what failed and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from plashui.ui.model.jobs.job import Job
from plashui.ui.model.text.lines import Line
from plashui.ui.platform.palette import content
from plashui.ui.widgets.job_strip import JobStrip
from plashui.ui.widgets.panel import Panel

ROWS: Final = 3
"""Most lines of jobs; the rest is only counted."""

SIDE_BY_SIDE: Final = 2
"""Jobs in one line, if there are several."""

GAP: Final = 3
"""Cells between two jobs in a line."""

LEAST: Final = 60
"""Least width of the lines, in cells."""


def job_lines(jobs: Sequence[Job], width: int) -> list[Line]:
    """Format jobs in at most `ROWS` lines of `width` cells, as many as fit."""
    columns = SIDE_BY_SIDE if len(jobs) > 1 else 1
    most = ROWS * columns
    shown = jobs if len(jobs) <= most else jobs[: most - 1]
    room = (width - GAP * (columns - 1)) // columns
    cells = [_cell(job, room) for job in shown]
    if len(shown) < len(jobs):
        cells.append([(f"and {len(jobs) - len(shown)} more", "faint")])
    gap = (" " * GAP, "")
    return [
        [piece for cell in cells[at : at + columns] for piece in (*cell, gap)][:-1]
        for at in range(0, len(cells), columns)
    ]


def _cell(job: Job, room: int) -> Line:
    """Format one job: its sign, and what it does or why it failed."""
    sign = ("▸ ", "accent") if job.running else ("✗ ", "bad")
    pieces = [sign, *job.pieces(room - 2)]
    if not job.running:  # the reason counts, not the title
        pieces[-1] = (pieces[-1][0], "bad")
    used = sum(cell_len(text) for text, _kind in pieces)
    return [*pieces, (" " * (room - used), "")]


class _Lines(Widget):
    """The lines of the panel."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "_Lines { padding: 0 1; text-wrap: nowrap; }"

    def __init__(self) -> None:
        """Start without jobs."""
        super().__init__()
        self.jobs: list[Job] = []

    def render(self) -> Content:
        """Draw the jobs."""
        lines = job_lines(self.jobs, max(LEAST, self.size.width))
        return Content("\n").join(map(content, lines))


class JobPanel(Panel):
    """Jobs that run or failed; not there while there are none."""

    DEFAULT_CSS = """
    JobPanel { height: auto; display: none; }
    """

    def __init__(self, key: str) -> None:
        """Start without jobs; `key` opens the page of jobs."""
        super().__init__()
        self._key = key
        self._lines = _Lines()

    def compose(self) -> ComposeResult:
        """Yield the lines."""
        yield self._lines

    def show(self, jobs: Sequence[Job]) -> None:
        """Show the present state of these jobs: those that run, then those failed."""
        self._lines.jobs = list(jobs)
        self.display = bool(jobs)
        self._lines.styles.height = len(job_lines(jobs, LEAST))
        self._lines.refresh()
        running = sum(job.running for job in jobs)
        words = [
            f"{number} {word}"
            for number, word in ((running, "running"), (len(jobs) - running, "failed"))
            if number
        ]
        self.entitle(
            [("Jobs", "accent"), (f" {' · '.join(words)}", "faint")],
            [(self._key, "key"), (" opens", "faint")],
        )

    def on_click(self) -> None:
        """Ask for the page of jobs."""
        self.post_message(JobStrip.Pressed())
