"""The end of the app: in order, by a signal, without a terminal, or by an error."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from functools import partial

from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from plashui.ui.platform.terminal import ENDING, end_for_sure, when_gone
from plashui.ui.platform.textual_private import (
    AppWithoutTraceback,
    failing_widget,
    is_being_removed,
)


class EndingApp(AppWithoutTraceback):
    """An app that stops its work and ends, whatever makes it end."""

    disaster: BaseException | None = None
    """The exception that nobody caught."""

    def stop_work(self) -> None:
        """Cancel everything that runs in threads, because the app waits for them."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Quit in order on signals."""
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in ENDING:
                loop.add_signal_handler(number, self.leave_now, 128 + number)
            when_gone(partial(self._hung_up, loop))

    def _hung_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Quit as on SIGHUP, which not every process receives. Runs in a thread."""
        with suppress(RuntimeError):  # the app has ended
            loop.call_soon_threadsafe(self.leave_now, 128 + signal.SIGHUP)

    def leave_now(self, status: int = 0) -> None:
        """Cancel all jobs and quit."""
        self.stop_work()
        if not self.is_headless:
            end_for_sure(status)
        self.exit(return_code=status)

    def unforeseen(self, error: Exception) -> bool:
        """Log an exception that nobody caught and quit; `run` then reports it."""
        from plashui.base import log

        if self._is_farewell(error):
            return False
        told = error.error if isinstance(error, WorkerFailed) else error
        log.note(told)
        if self.disaster is None:
            self.disaster = told
        self.stop_work()
        if not self.is_headless:
            end_for_sure(1)
        return True

    def _is_farewell(self, error: Exception) -> bool:
        """Say whether the error only comes from a screen that is closing.

        A message of a worker may arrive after the widgets that would show it are gone.
        """
        if self.is_leaving and isinstance(error, NoMatches | MountError):
            return True
        at = failing_widget()
        if not isinstance(error, NoMatches) or at is None:
            return False
        screen = next((w for w in at.ancestors_with_self if w.is_dom_root), None)
        return screen not in self.screen_stack or is_being_removed(at)
