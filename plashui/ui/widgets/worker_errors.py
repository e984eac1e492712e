"""A worker that fails as none should does not end the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.worker import Worker

if TYPE_CHECKING:
    from plashui.ui.application import PlashuiApp


class Minding(DOMNode):
    """What minds its workers: their `exit_on_error` is False."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """One failed: note it, say so, and go on."""
        app: PlashuiApp = self.app  # type: ignore[assignment]
        if app.worker_failed(event):
            self.worker_failed()

    def worker_failed(self) -> None:
        """What it waits for will never come."""
