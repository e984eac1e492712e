"""How every long operation reports, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, NamedTuple

from plashui.core.errors import Cancelled


class Progress(NamedTuple):
    """One report: `done` of `total` (None = unknown) in `unit`."""

    what: str
    done: int
    total: int | None
    unit: Literal["bytes", "files", ""]


Report = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """The report of those who do not care."""


class Cancel:
    """A request to stop, made from any thread; whoever works looks or is called."""

    def __init__(self) -> None:
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

    def check(self) -> None:
        """Raise Cancelled if the stop was asked for."""
        if self._event.is_set():
            raise Cancelled
