"""The page of all that runs in images, live."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.model.forest import Forest
from plashui.ui.model.details.subject import Subject
from plashui.ui.tabs.processes import KEYS, ProcessesTab
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.panel import Panel
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors


class RunningScreen(Screen[int], HandlesWorkerErrors, HasKeyBar):
    """All processes of the store with what they use; the answer is an image to show."""

    help_section = "All running"
    DEFAULT_CSS = "RunningScreen Panel { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "Back", show=False),
        Binding("enter", "go", "Go to the image", show=False),
        Binding("K,d", "end", "End the process", show=False),
    ]

    def __init__(self, forest: Forest) -> None:
        """Show what runs; `forest` says how the images are called."""
        super().__init__()
        self._forest = forest

    def compose(self) -> ComposeResult:
        """Yield the list and the keys."""
        yield TopLine("running")
        with Panel() as panel:
            yield ProcessesTab(everywhere=True)
        panel.entitle([("All running", "accent"), (" · live", "faint")])
        yield KeyBar(
            [
                Key("enter", "Go to the image", "go", 2),
                *KEYS,
                Key("esc", "Back", "app.pop_screen"),
            ]
        )

    @property
    def _tab(self) -> ProcessesTab:
        return self.query_one(ProcessesTab)

    def on_mount(self) -> None:
        """Begin to look."""
        self._tab.show(Subject(self._forest), new=True)
        self.set_focus(self._tab.inner())

    def action_end(self) -> None:
        """End the process under the cursor, after a question."""
        self._tab.action_end()

    def action_go(self) -> None:
        """Answer with the image of the process under the cursor."""
        one = self._tab.chosen
        if one is not None:
            self.dismiss(one.image)
