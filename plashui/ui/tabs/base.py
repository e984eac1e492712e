"""What a tab of the details is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from plashui.ui.model.subject import Subject
from plashui.ui.widgets.key_bar import Key


class Tab(Vertical):
    """One view of an image; made when it is first turned to.

    `show` is called on the loop whenever the subject changes while the tab is on top,
    and must be quick: what takes long is a worker of the tab's own, in a thread, which
    ends when `leave` is called.
    """

    DEFAULT_CSS = "Tab { height: 1fr; }"
    keys: ClassVar[Sequence[Key]] = ()
    """What can be done in this tab, for the footer while it has the focus."""

    def show(self, subject: Subject, *, new: bool) -> None:
        """Tell about the subject; `new` if it is not the one shown last."""
        raise NotImplementedError

    def leave(self) -> None:
        """Another tab is on top, or the details are hidden: stop what runs."""

    def inner(self) -> Widget | None:
        """What takes keys in this tab, if something does."""
        return None
