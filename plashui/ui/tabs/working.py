"""The base class of tabs whose content takes long to find out."""

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
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.host import Host, host_of
from plashui.ui.platform.gc_tuning import nothing_sought
from plashui.ui.tabs.base import Tab
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

REST: Final = 0.2
"""Seconds the cursor rests on an image before the work starts."""


class WorkingTab(Tab, HandlesWorkerErrors):
    """A tab that works in a thread; new work replaces the previous one."""

    DEFAULT_CSS = """
    WorkingTab > Static { height: 1; color: $dim; }
    """

    @dataclass
    class Found(Message):
        """A result of the work, or its error."""

        cancel: Cancel
        value: Any

    def __init__(self) -> None:
        """Start without work."""
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
        """Start work in a thread after a pause; `found` gets the results."""
        self.stop()
        cancel = self._cancel = Cancel()
        if rest > 0:
            self._resting = self.set_timer(rest, partial(self._start, work, cancel))
        else:
            self._start(work, cancel)

    def begin_more(self, work: Callable[[Cancel], Any]) -> None:
        """Start work in a thread at once, beside what was begun before."""
        if self._cancel.is_set():
            self._cancel = Cancel()
        self._start(work, self._cancel)

    def _start(self, work: Callable[[Cancel], Any], cancel: Cancel) -> None:
        self._resting = None
        self.run_worker(
            partial(self._work, work, cancel),
            thread=True,
            group="tab",
            exit_on_error=False,
        )

    def _work(self, work: Callable[[Cancel], Any], cancel: Cancel) -> None:
        """Do the work, in a thread."""
        try:
            with nothing_sought():
                value = work(cancel)
        except Cancelled:
            return
        except (PlashError, OSError, KeyError) as error:
            value = error
        self.tell(cancel, value)

    def tell(self, cancel: Cancel, value: Any) -> None:
        """Post an intermediate result, from the thread."""
        self.post_message(self.Found(cancel, value))

    def on_working_tab_found(self, event: Found) -> None:
        """Show the result if it belongs to the latest work."""
        event.stop()
        if event.cancel is not self._cancel or event.cancel.is_set():
            return
        if isinstance(event.value, Exception):
            self.failed(event.value)
        else:
            self.found(event.value)

    def worker_failed(self) -> None:
        """Say in the tab that the result is not available."""
        self.failed(PlashError("not available"))

    def found(self, value: Any) -> None:
        """Show a result of the work."""
        raise NotImplementedError

    def failed(self, error: Exception) -> None:
        """Show an error of the work."""
        raise NotImplementedError

    def leave(self) -> None:
        """Stop the work: the tab is not visible."""
        self.stop()

    def stop(self) -> None:
        """Cancel the work."""
        self._cancel.set()
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def on_unmount(self) -> None:
        """Stop the work."""
        self.leave()


def sentence(error: Exception) -> str:
    """Format an error as a sentence."""
    return str(error) or type(error).__name__
