"""The tab Overview: what is known of an image without looking further."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from plashui.ui.model.details.describe import overview
from plashui.ui.model.details.subject import Subject
from plashui.ui.tabs.base import Tab
from plashui.ui.widgets.line_list import LineList


class OverviewTab(Tab):
    """Names, origin, sizes, dates and relatives of an image."""

    DEFAULT_CSS = "OverviewTab > LineList { height: 1fr; }"

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._subject = Subject()

    def compose(self) -> ComposeResult:
        """Yield the list."""
        yield LineList()

    def show(self, subject: Subject, *, new: bool) -> None:
        """Show this image; scroll to the top if it is new."""
        self._subject = subject
        if new:
            self.query_one(LineList).scroll_to(y=0, animate=False)
        self._draw()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._draw()

    def inner(self) -> Widget:
        """Return the list, which scrolls."""
        return self.query_one(LineList)

    def _draw(self) -> None:
        width = max(20, self.size.width - 1)
        there = self._subject.there and self.size.width
        lines = overview(self._subject, width) if there else ()
        self.query_one(LineList).show(lines)
