"""The tab Overview: what is known of an image without looking further."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widget import Widget

from plashui.ui.model.details.describe import IN_USE, overview
from plashui.ui.model.details.subject import Subject
from plashui.ui.tabs.working import WorkingTab
from plashui.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from plashui.ui.model.details.live import Course, Look


class OverviewTab(WorkingTab):
    """Names, origin, sizes, dates and relatives of an image.

    While something runs in it, also what that takes, looked up now and then.
    """

    DEFAULT_CSS = "OverviewTab > LineList { height: 1fr; }"

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._course: Course | None = None
        self._ticking: Timer | None = None
        self._looking = False

    def compose(self) -> ComposeResult:
        """Yield the list."""
        yield LineList()

    def show(self, subject: Subject, *, new: bool) -> None:
        """Show this image; scroll to the top if it is new."""
        if subject.image != self.subject.image:
            self.leave()
        self.subject = subject
        if new:
            self.query_one(LineList).scroll_to(y=0, animate=False)
        self._follow()
        self._draw()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._draw()

    def inner(self) -> Widget:
        """Return the list, which scrolls."""
        return self.query_one(LineList)

    # -- what runs takes ------------------------------------------------------

    def _follow(self) -> None:
        """Look at what runs, as long as something does."""
        if not self.subject.there or IN_USE not in self.subject.facts:
            self.leave()
        elif self._ticking is None:
            from plashui.ui.model.details.live import PERIOD, Course

            self._course = Course()
            self._ticking = self.set_interval(PERIOD, self._tick)
            self._tick()

    def _tick(self) -> None:
        """Look again, unless a dialog or a page covers this."""
        from plashui.ui.tabs.processes import look_at

        if self.app.screen is self.screen and not self._looking:
            self._looking = True
            image = self.subject.image or 0
            self.begin(partial(look_at, self.store, image), rest=0.0)

    def found(self, value: Look) -> None:
        """Show what was found."""
        self._looking = False
        if self._course is not None:
            self._course.take(value)
            self._draw()

    def failed(self, error: Exception) -> None:  # noqa: ARG002 - the next may succeed
        """Show nothing; the next look may succeed."""
        self._looking = False

    def leave(self) -> None:
        """Stop looking: nobody sees it, or nothing runs."""
        super().leave()
        self._course, self._looking = None, False
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def _draw(self) -> None:
        width = max(20, self.size.width - 1)
        there = self.subject.there and self.size.width
        use = self._course.use() if self._course is not None else None
        lines = overview(self.subject, width, use) if there else ()
        self.query_one(LineList).show(lines)
