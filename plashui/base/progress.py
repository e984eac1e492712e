"""How every long operation reports, and how it is stopped."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from plashui.base.errors import Cancelled
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.text import duration, size, thousands

if TYPE_CHECKING:
    from typing import Final, Literal

WINDOW: Final = 5.0
"""Seconds over which a rate is measured."""


class Progress(NamedTuple):
    """One report: `done` of `total` (None = unknown) in `unit`.

    In "lines", `what` is the line of output of that number.
    """

    what: str
    done: int
    total: int | None
    unit: Literal["bytes", "files", "lines", ""]


Report = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """The report of those who do not care."""


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


class Pace:
    """Progress in words, with how fast it goes and how long it will take."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing seen."""
        self._now = now
        self._what = ""
        self._rate = Rate(now)

    def words(self, progress: Progress) -> str:
        """`12 MB of 35 MB, 34 %, 3.1 MB/s, 8 s left`, or as much as is known of it."""
        what, done, total, unit = progress
        if what != self._what:
            self._what, self._rate = what, Rate(self._now)
        self._rate.add(done)
        text = counted(done, unit)
        if total:
            text += f" of {counted(total, unit)}, {min(100, 100 * done // total)} %"
        rate = self._rate.value()
        if rate:
            text += f", {counted(rate, unit)}/s"
            if total and total > done:
                text += f", {duration((total - done) / rate)} left"
        return text


def counted(amount: float, unit: str) -> str:
    """An amount of something: `12 MB`, `1,200 files`, `7`."""
    if unit == "bytes":
        return size(amount)
    return f"{thousands(amount)} {unit}".rstrip()


class Cancel:
    """A request to stop, made from any thread; whoever works looks or is called."""

    def __init__(self) -> None:
        import threading  # a millisecond, which the verbs that make none of these save

        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def set(self) -> None:
        """Ask for the stop; callbacks run at once, in this thread, each only once."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def is_set(self) -> bool:
        """Whether the stop was asked for."""
        return self._event.is_set()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call it when the stop is asked for; at once if that was already so."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def forget(self, callback: Callable[[], None]) -> None:
        """Undo `on_cancel`: the thing it would have stopped is over."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def wait(self, seconds: float) -> None:
        """Wait so long; raise Cancelled as soon as the stop is asked for."""
        self._event.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise Cancelled if the stop was asked for."""
        if self._event.is_set():
            raise Cancelled
