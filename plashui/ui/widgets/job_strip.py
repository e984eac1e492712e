"""The strip that shows running jobs, one per line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.content import Content
from textual.widget import Widget

from plashui.ui.model.jobs.job import Job
from plashui.ui.model.notice import Notice

MOST: Final = 3
"""Most jobs shown; the rest is only counted."""


def _styled(job: Job, width: int) -> list[tuple[str, str]]:
    kinds = {"": "", "bar": "$primary"}
    return [(text, kinds[kind]) for text, kind in job.pieces(width)]


class JobStrip(Widget):
    """Running jobs with their progress; removed while none runs."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    JobStrip {
        height: auto;
        max-height: 4;
        padding: 0 1;
        background: $boost;
        display: none;
    }
    """

    class Pressed(Notice):
        """The strip was clicked."""

    def __init__(self, key: str = "J") -> None:
        """Start without jobs; `key` opens the list of jobs."""
        super().__init__()
        self._key = key
        self._jobs: list[Job] = []

    def show(self, jobs: Sequence[Job]) -> None:
        """Show the present state of these jobs."""
        fewer_or_more = len(jobs) != len(self._jobs)
        self._jobs = list(jobs)
        self.display = bool(jobs)
        self.refresh(layout=fewer_or_more)

    def render(self) -> Content:
        """Draw one line per job."""
        width = max(20, self.size.width - 2)
        hint = f"  {self._key}: jobs"
        room = width - 2 - len(hint)
        lines = [
            Content.assemble(("▸ ", "$text-accent"), *_styled(job, room))
            for job in self._jobs[:MOST]
        ]
        if lines:  # on the right it stays in place while the lines change
            gap = " " * (width - lines[0].cell_length - len(hint))
            lines[0] = Content.assemble(lines[0], gap, (hint, "$dim"))
        if len(self._jobs) > MOST:
            lines.append(Content(f"  and {len(self._jobs) - MOST} more"))
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Ask for the list of jobs."""
        event.stop()
        self.post_message(self.Pressed())
