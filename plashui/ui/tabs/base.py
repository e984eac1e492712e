"""The base class of the tabs of the details."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from plashui.ui.model.details.subject import Subject
from plashui.ui.widgets.key_bar import Key


class Tab(Vertical):
    """One view of an image, created when it is first shown.

    `show` is called on the event loop whenever the subject changes while the tab is on
    top, and must be quick. Slow work is done by a worker of the tab in a thread, which
    ends when `leave` is called.
    """

    DEFAULT_CSS = "Tab { height: 1fr; }"
    keys: ClassVar[Sequence[Key]] = ()
    """What can be done in this tab, for the footer while it has the focus."""

    def show(self, subject: Subject, *, new: bool) -> None:
        """Show the subject; `new` says whether it differs from the last one."""
        raise NotImplementedError

    def leave(self) -> None:
        """Stop all work: another tab is on top, or the details are hidden."""

    def inner(self) -> Widget | None:
        """Return the widget that takes the keys, if there is one."""
        return None
