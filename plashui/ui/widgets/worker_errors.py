"""A worker that fails as none should does not end the app."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.worker import Worker

from plashui.ui.model.host import host_of


class Minding(DOMNode):
    """What minds its workers: their `exit_on_error` is False."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """One failed: note it, say so, and go on."""
        app = host_of(self)
        if app.worker_failed(event):
            self.worker_failed()

    def worker_failed(self) -> None:
        """What it waits for will never come."""
