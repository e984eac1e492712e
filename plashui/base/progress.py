"""Progress of long operations in numbers and words, and their cancellation."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from plashui.base.errors import Cancelled
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.units import duration, plural, size, thousands

if TYPE_CHECKING:
    from typing import Final, Literal

WINDOW: Final = 5.0
"""Seconds over which a rate is averaged."""


class LayerProgress(NamedTuple):
    """How many bytes of one layer have come; `complete` ones are checked and kept."""

    done: int
    total: int
    complete: bool


class StepProgress(NamedTuple):
    """How far a step of a build is; `where` is its stage and number: `site 2/7`.

    `note` is the image that it made, why it has to be done, or what it says.
    """

    where: str
    shown: str
    state: Literal["waits", "cached", "runs", "made", "failed"]
    note: str = ""


class Progress(NamedTuple):
    """One report: `done` of `total` (None if unknown) in `unit`.

    With the unit "lines", `what` is the line of output with the number `done`. A pull
    reports all `layers` of the image, the lowest first; `done` and `total` are of those
    that it fetches. A build reports all its `steps`; `what` is then a line of output,
    or "".
    """

    what: str
    done: int
    total: int | None
    unit: Literal["bytes", "files", "lines", "steps", ""]
    layers: tuple[LayerProgress, ...] = ()
    steps: tuple[StepProgress, ...] = ()

    def complete_layers(self) -> str:
        """Say how many layers are complete: `2 of 5 layers`; "" if there are none."""
        complete = sum(layer.complete for layer in self.layers)
        count = plural(len(self.layers), "layer")
        return f"{complete} of {count}" if self.layers else ""


Report = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Ignore a report."""


class Rate:
    """A rate in units per second, averaged over the last WINDOW seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start without a sample."""
        self._now = now
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, done: int) -> None:
        """Record the amount done; an amount below the last one starts a new count."""
        at = self._now()
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((at, done))
        while len(self._samples) > 2 and self._samples[0][0] < at - WINDOW:
            self._samples.popleft()

    def value(self) -> float | None:
        """Return the rate; None until samples span more than 0.2 seconds."""
        samples = list(self._samples)
        if len(samples) < 2:
            return None
        (start, first), (end, last) = samples[0], samples[-1]
        return (last - first) / (end - start) if end - start > 0.2 else None


class Pace:
    """Progress in words, with the rate and the time left."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start without a report."""
        self._now = now
        self._what = ""
        self._rate = Rate(now)

    def words(self, progress: Progress) -> str:
        """Format a report, see in_words."""
        if progress.what != self._what:
            self._what, self._rate = progress.what, Rate(self._now)
        self._rate.add(progress.done)
        return in_words(progress, self._rate.value())


def in_words(progress: Progress, rate: float | None) -> str:
    """Format a report: `12 MB of 35 MB, 34 %, 2 of 5 layers, 3.1 MB/s, 8 s left`.

    Parts that are not known are left out.
    """
    done, total, unit = progress.done, progress.total, progress.unit
    text = counted(done, unit)
    if total:
        text += f" of {counted(total, unit)}, {percent(done, total)}"
    if progress.layers:
        text += f", {progress.complete_layers()}"
    if rate:
        text += f", {counted(rate, unit)}/s"
        if total and total > done:
            text += f", {duration((total - done) / rate)} left"
    return text


def percent(done: int, total: int) -> str:
    """Format a share, rounded down: `100 %` is only what is complete."""
    return f"{min(100, 100 * done // max(1, total))} %"


def counted(amount: float, unit: str) -> str:
    """Format an amount with its unit: `12 MB`, `1,200 files`, `7`."""
    if unit == "bytes":
        return size(amount)
    return f"{thousands(amount)} {unit}".rstrip()


class Cancel:
    """A request to stop, made from any thread; the worker polls or is called back."""

    def __init__(self) -> None:
        import threading  # 1 ms, saved by verbs that cannot be cancelled

        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def set(self) -> None:
        """Request the stop; run each callback once, in this thread."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def is_set(self) -> bool:
        """Return whether the stop was requested."""
        return self._event.is_set()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the stop is requested; now if it already was."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def forget(self, callback: Callable[[], None]) -> None:
        """Remove a callback; harmless if it was called already."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def wait(self, seconds: float) -> None:
        """Wait this long; raise Cancelled as soon as the stop is requested."""
        self._event.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise Cancelled if the stop was requested."""
        if self._event.is_set():
            raise Cancelled
