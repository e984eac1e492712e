"""Background jobs as plain values: progress, rate, time left, cancel.

Nothing here knows Textual; the app runs `Job.run` in a thread and looks at the job
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

from plashui.core.errors import Cancelled, PlashError
from plashui.core.progress import Cancel, Progress, Report
from plashui.core.text import bar, clean, size

WINDOW: Final = 5.0
"""Seconds over which a rate is measured."""


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


class Rate:
    """Units a second over the last seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start without a sample."""
        self._now = now
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, done: int) -> None:
        """So much is done by now; less than before starts a new count."""
        at = self._now()
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((at, done))
        while len(self._samples) > 2 and self._samples[0][0] < at - WINDOW:
            self._samples.popleft()

    def value(self) -> float | None:
        """The rate, None while too little is known."""
        samples = list(self._samples)
        if len(samples) < 2:
            return None
        (start, first), (end, last) = samples[0], samples[-1]
        return (last - first) / (end - start) if end - start > 0.2 else None


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


def counted(amount: float, unit: str) -> str:
    """An amount of something: `12 MB`, `1,200 files`, `7`."""
    if unit == "bytes":
        return size(amount)
    return f"{amount:,.0f} {unit}".rstrip()


def duration(seconds: float) -> str:
    """A time to wait: `9 s`, `2 min 5 s`, `1 h 3 min`."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
