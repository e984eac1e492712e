"""Handle workers that fail unexpectedly without ending the app."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.worker import Worker

from plashui.ui.model.host import host_of


class HandlesWorkerErrors(DOMNode):
    """A widget that handles errors of its workers (`exit_on_error` is False)."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log and report the error of a worker."""
        app = host_of(self)
        if app.worker_failed(event):
            self.worker_failed()

    def worker_failed(self) -> None:
        """React to a failed worker: its result will never arrive."""
