"""A tab whose lines take long to be worked out: in a thread, once the cursor rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from textual.message import Message
from textual.timer import Timer

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store
from plashui.ui.model.host import Host, host_of
from plashui.ui.model.subject import Subject
from plashui.ui.platform.gc_tuning import nothing_sought
from plashui.ui.tabs.base import Tab
from plashui.ui.widgets.worker_errors import Minding

REST: Final = 0.2
"""Seconds the cursor rests on an image before the work begins."""


class WorkingTab(Tab, Minding):
    """Does one piece of work at a time; a newer one takes the place of the last."""

    DEFAULT_CSS = """
    WorkingTab > Static { height: 1; color: $foreground 70%; }
    """

    @dataclass
    class Found(Message):
        """What a piece of work found, or why it did not."""

        cancel: Cancel
        value: Any

    def __init__(self) -> None:
        """Start with nothing to tell."""
        super().__init__()
        self.subject = Subject()
        self._cancel = Cancel()
        self._resting: Timer | None = None

    @property
    def plashui(self) -> Host:
        """The app."""
        return host_of(self)

    @property
    def store(self) -> Store:
        """The store that is shown."""
        return self.plashui.store

    def begin(self, work: Callable[[Cancel], Any], *, rest: float = REST) -> None:
        """Work in a thread a moment from now; `found` gets what comes of it."""
        self.stop()
        cancel = self._cancel = Cancel()
        if rest > 0:
            self._resting = self.set_timer(rest, partial(self._start, work, cancel))
        else:
            self._start(work, cancel)

    def _start(self, work: Callable[[Cancel], Any], cancel: Cancel) -> None:
        self._resting = None
        self.run_worker(
            partial(self._work, work, cancel),
            thread=True,
            group="tab",
            exit_on_error=False,
        )

    def _work(self, work: Callable[[Cancel], Any], cancel: Cancel) -> None:
        """In a thread."""
        try:
            with nothing_sought():
                value = work(cancel)
        except Cancelled:
            return
        except (PlashError, OSError, KeyError) as error:
            value = error
        self.tell(cancel, value)

    def tell(self, cancel: Cancel, value: Any) -> None:
        """From the thread: so much is found."""
        self.post_message(self.Found(cancel, value))

    def on_working_tab_found(self, event: Found) -> None:
        """Show it, if it is what was asked for last."""
        event.stop()
        if event.cancel is not self._cancel or event.cancel.is_set():
            return
        if isinstance(event.value, Exception):
            self.failed(event.value)
        else:
            self.found(event.value)

    def worker_failed(self) -> None:
        """Say so in the place of what was to be found out."""
        self.failed(PlashError("this could not be found out"))

    def found(self, value: Any) -> None:
        """Show what the work found."""
        raise NotImplementedError

    def failed(self, error: Exception) -> None:
        """Show why there is nothing."""
        raise NotImplementedError

    def leave(self) -> None:
        """Nobody looks any more: stop the work."""
        self.stop()

    def stop(self) -> None:
        """What is being worked out is not wanted any more."""
        self._cancel.set()
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def on_unmount(self) -> None:
        """The app ends: nothing may go on."""
        self.leave()


def sentence(error: Exception) -> str:
    """An error in words."""
    return str(error) or type(error).__name__
