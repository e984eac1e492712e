"""Background jobs as plain values: progress, rate, time left, log, cancel.

This module does not use Textual. The app calls `Job.run` in a thread and reads the job
whenever it draws.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from rich.cells import cell_len

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress, Rate, Report, counted, percent
from plashui.base.terminal_text import bar, clean
from plashui.base.units import duration, plural
from plashui.ui.model.jobs.layer_lines import BAR, newly_complete
from plashui.ui.model.text.lines import cut

LONGEST_LOG: Final = 5000
"""Most lines kept of a job's log; the oldest are dropped."""


QUIET: Final = 30.0
"""Seconds without progress after which a job says so; it may be hanging."""

_LEAST_TITLE: Final = 12
"""Least width of a job's title, in cells."""

_WIDE: Final = 80
"""Least width, in cells, at which a job counts its layers."""


class Outcome(NamedTuple):
    """Result of a job: a sentence, and the image it made, if any."""

    sentence: str
    image: int | None = None


Work = Callable[[Report, Cancel], Outcome]
"""A long operation."""


class State(StrEnum):
    """The state of a job."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class Job:
    """One operation in the background.

    `root` is the store it works on. `started`, `ended` and `moved` (the time of the
    last progress) are epoch seconds. `failure` is why it failed. `log` holds the lines
    of its output, made safe for display, and `said` counts all lines including dropped
    ones.
    """

    number: int
    title: str
    work: Work
    root: str = ""
    cancel: Cancel = field(default_factory=Cancel)
    state: State = State.RUNNING
    progress: Progress | None = None
    outcome: str = ""
    image: int | None = None
    rate: Rate = field(default_factory=Rate)
    started: float = field(default_factory=lambda: time.time())
    moved: float = field(default_factory=lambda: time.time())
    ended: float | None = None
    failure: Exception | None = None
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LONGEST_LOG))
    said: int = 0

    @property
    def running(self) -> bool:
        """Whether the job has not ended."""
        return self.state is State.RUNNING

    @property
    def stopping(self) -> bool:
        """Whether the job was asked to stop but has not ended."""
        return self.running and self.cancel.is_set()

    def report(self, progress: Progress) -> None:
        """Take a progress report from the working thread."""
        before = self.progress
        if before is not None and before.steps and not progress.steps:
            progress = progress._replace(steps=before.steps)
        self.progress = progress
        if progress != before:
            self.moved = time.time()
        if progress.unit in ("lines", "steps"):
            if progress.what:
                self._say(progress.what)
            return
        if before is None or before.what != progress.what:
            self._say(progress.what)
            if before is not None:
                self.rate = Rate()
            before = None
        self.rate.add(progress.done)
        for line in newly_complete(before, progress):
            self._say(line)

    def _say(self, line: str) -> None:
        self.log.append(clean(line))
        self.said += 1

    def run(self) -> None:
        """Do the work in this thread. Never raises."""
        state = State.FAILED
        try:
            self.outcome, self.image = self.work(self.report, self.cancel)
            state = State.DONE
        except Cancelled as stopped:
            said = str(stopped)
            unchanged = "; nothing was changed" if said == str(Cancelled()) else ""
            self.outcome = f"{said}{unchanged}"
            state = State.CANCELLED
        except PlashError as error:
            for remark in error.remarks:
                self._say(remark)
            self.outcome, self.failure = str(error), error
        except OSError as error:
            place = f" ({error.filename})" if error.filename else ""
            self.outcome = f"{error.strerror or error}{place}"
        except Exception as error:
            from plashui.base import log as logfile

            logfile.note(error, self.title)
            self.outcome = f"{type(error).__name__}: {error}"
        self._say(self.outcome)
        self.ended = time.time()
        self.state = state

    def took(self) -> float:
        """Return the seconds the job has taken."""
        return (self.ended or time.time()) - self.started

    def line(self, width: int) -> str:
        """Format the job in at most `width` cells, safe for display."""
        return "".join(text for text, _kind in self.pieces(width))

    def pieces(self, width: int) -> list[tuple[str, str]]:
        """Format the job as pieces of the kinds '' and 'bar'.

        If there is little room the title is cut, and the numbers stay.
        """
        title, track, words = clean(self.title), "", ""
        if not self.running:
            # What came of it stays readable: the title may be a whole script.
            words = f": {clean(self.outcome)}"
            least = min(cell_len(title), max(_LEAST_TITLE, width // 3))
            words = cut(words, max(1, width - least))
        elif self.stopping:
            words = ": stopping …"
        else:
            if self.progress is None:
                words = " …"
            else:
                track, words = self._numbers(self.progress, width)
            quiet = time.time() - self.moved
            words += f"  no progress for {duration(quiet)}" if quiet > QUIET else ""
        wide = cell_len(track) + 2 if track else 0
        room = max(_LEAST_TITLE, width - wide - cell_len(words))
        title = cut(title, room)
        return [(title, ""), ("  " if track else "", ""), (track, "bar"), (words, "")]

    def _numbers(self, progress: Progress, width: int) -> tuple[str, str]:
        """Return a bar and the progress in words, as far as there is room."""
        track = ""
        if progress.unit == "steps":
            share = progress.done / max(1, progress.total or 1)
            track = bar(share, BAR, 1.0) if width >= 60 else ""
            return track, f"  {progress.done} of {plural(progress.total or 0, 'step')}"
        if progress.total:
            share = min(1.0, progress.done / progress.total)
            track = bar(share, BAR, 1.0) if width >= 60 else ""
            parts = ["", percent(progress.done, progress.total)]
        elif progress.unit == "lines":
            parts = ["", plural(progress.done, "line")]
        else:
            parts = ["", counted(progress.done, progress.unit)]
        if progress.layers and width >= _WIDE:
            parts.append(progress.complete_layers())
        rate = self.rate.value()
        if rate:
            parts.append(f"{counted(rate, progress.unit)}/s")
            if progress.total and progress.total > progress.done:
                seconds = (progress.total - progress.done) / rate
                parts.append(f"{duration(seconds)} left")
        room = width - _LEAST_TITLE - (len(track) + 2 if track else 0)
        while len(parts) > 2 and cell_len("  ".join(parts)) > room:
            parts.pop()
        return track, "  ".join(parts)


class Jobs:
    """The jobs of this app, newest last."""

    def __init__(self) -> None:
        """Start without jobs."""
        self._numbers = itertools.count(1)
        self.all: list[Job] = []

    def add(self, title: str, work: Work, root: str = "") -> Job:
        """Create a job; the caller runs it."""
        job = Job(next(self._numbers), title, work, root)
        self.all.append(job)
        return job

    def running(self) -> list[Job]:
        """Return the jobs that have not ended."""
        return [job for job in self.all if job.running]

    def failed(self) -> list[Job]:
        """Return the jobs that failed, the newest first."""
        return [job for job in self.all[::-1] if job.state is State.FAILED]

    def clear(self) -> None:
        """Forget the jobs that have ended."""
        self.all = self.running()

    def cancel_all(self) -> None:
        """Ask every running job to stop."""
        for job in self.running():
            job.cancel.set()
