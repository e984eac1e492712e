"""Jobs: what runs in the background, and how it ended."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.jobs import Job, Jobs, State
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.keybar import Key, KeyBar
from plashui.ui.widgets.linelist import Line, LineList

_KINDS = {
    State.RUNNING: "id",
    State.DONE: "good",
    State.FAILED: "warn",
    State.CANCELLED: "faint",
}


class JobsScreen(Screen[None]):
    """The jobs of this app, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,J", "app.pop_screen", "Back", show=False),
        Binding("x,d", "cancel", "Cancel", show=False),
    ]

    def __init__(self, jobs: Jobs) -> None:
        """Show these."""
        super().__init__()
        self._jobs = jobs
        self._shown: list[Job] = []

    def compose(self) -> ComposeResult:
        """A list."""
        yield Head("jobs")
        yield LineList(choose=True)
        yield KeyBar(
            [Key("x", "Cancel it", "cancel"), Key("esc", "Back", "app.pop_screen")]
        )

    def on_mount(self) -> None:
        """Follow the jobs while this is shown."""
        self.set_interval(0.25, self._draw)
        self._draw()

    def _draw(self) -> None:
        self._shown = self._jobs.all[::-1]
        width = max(20, self.size.width - 16)
        lines: list[Line] = [
            ((f" {job.state:<10} ", _KINDS[job.state]), (job.line(width), ""))
            for job in self._shown
        ]
        empty: list[Line] = [((" Nothing ran in the background yet.", "faint"),)]
        self.query_one(LineList).show(lines or empty)

    def action_cancel(self) -> None:
        """Cancel the job under the cursor."""
        at = self.query_one(LineList).cursor
        if at < len(self._shown) and self._shown[at].running:
            self._shown[at].cancel.set()
            self._draw()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what was clicked."""
        await self.run_action(event.action)
