"""A worker that fails as none should does not end the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.worker import Worker, WorkerState

if TYPE_CHECKING:
    from plashui.ui.application import PlashuiApp


class Minding(DOMNode):
    """What minds its workers: their `exit_on_error` is False."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """One failed: note it, say so, and go on."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            from plashui.core import logfile

            app: PlashuiApp = self.app  # type: ignore[assignment]
            logfile.note(error, f"worker {event.worker.group}")
            app.tell(logfile.sentence(error), severity="error")
