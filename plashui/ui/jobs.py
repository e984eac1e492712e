"""Background jobs as plain values: progress, rate, time left, cancel.

Nothing here knows Textual; the app runs `Job.run` in a thread and looks at the job
whenever it draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from plashui.core.errors import Cancelled, PlashError
from plashui.core.progress import Cancel, Progress, Rate, Report, counted
from plashui.core.text import bar, clean, duration


class Outcome(NamedTuple):
    """What a long operation did, as a sentence; the image it made, if it made one."""

    sentence: str
    image: int | None = None


Work = Callable[[Report, Cancel], Outcome]
"""A long operation."""


class State(StrEnum):
    """Where a job is in its life."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class Job:
    """One operation in the background."""

    number: int
    title: str
    work: Work
    cancel: Cancel = field(default_factory=Cancel)
    state: State = State.RUNNING
    progress: Progress | None = None
    outcome: str = ""
    image: int | None = None
    rate: Rate = field(default_factory=Rate)

    @property
    def running(self) -> bool:
        """Whether it is not over yet."""
        return self.state is State.RUNNING

    def report(self, progress: Progress) -> None:
        """Take a report, from the thread that works."""
        self.progress = progress
        self.rate.add(progress.done)

    def run(self) -> None:
        """Do the work, in this thread; never raises."""
        try:
            self.outcome, self.image = self.work(self.report, self.cancel)
            self.state = State.DONE
        except Cancelled:
            self.outcome = "cancelled; nothing was changed"
            self.state = State.CANCELLED
        except PlashError as error:
            self.outcome = str(error)
            self.state = State.FAILED
        except Exception as error:
            from plashui.core import logfile

            logfile.note(error, self.title)
            self.outcome = f"{type(error).__name__}: {error}"
            self.state = State.FAILED

    def line(self, width: int) -> str:
        """The job in one line of at most `width` cells, harmless to show."""
        title = clean(self.title)
        if not self.running:
            return f"{title}: {clean(self.outcome)}"
        if self.cancel.is_set():
            return f"{title}: stopping …"
        progress = self.progress
        if progress is None:
            return f"{title} …"
        parts = [title]
        if progress.total:
            share = min(1.0, progress.done / progress.total)
            track = bar(share, 16).replace(" ", "░") if width >= 60 else ""
            parts += [track] * bool(track) + [f"{share * 100:.0f} %"]
        else:
            parts.append(counted(progress.done, progress.unit))
        rate = self.rate.value()
        if rate:
            parts.append(f"{counted(rate, progress.unit)}/s")
            if progress.total and progress.total > progress.done:
                seconds = (progress.total - progress.done) / rate
                parts.append(f"{duration(seconds)} left")
        return "  ".join(parts)


class Jobs:
    """The jobs of this app, newest last."""

    def __init__(self) -> None:
        """Start with none."""
        self._numbers = itertools.count(1)
        self.all: list[Job] = []

    def add(self, title: str, work: Work) -> Job:
        """A new job; whoever adds it runs it."""
        job = Job(next(self._numbers), title, work)
        self.all.append(job)
        return job

    def running(self) -> list[Job]:
        """Those that are not over."""
        return [job for job in self.all if job.running]

    def cancel_all(self) -> None:
        """Ask every one to stop."""
        for job in self.running():
            job.cancel.set()
