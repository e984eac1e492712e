"""What a tab of the details is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from plashui.model.forest import Forest
from plashui.ui.widgets.key_bar import Key


@dataclass(frozen=True)
class Subject:
    """What the details are about: an image of a forest, and what is known of it.

    `facts` are what its files say, e.g. its distribution; empty until looked into.
    `beside` is what the notes on it and on all that stands on it take, which goes with
    them; None until looked into.
    `marked` are the images that are marked. `root` is where the store is.
    """

    forest: Forest = field(default_factory=lambda: Forest({}))
    image: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()
    beside: int | None = None
    root: str = ""

    @property
    def there(self) -> bool:
        """Whether there is such an image."""
        return self.image is not None and self.image in self.forest


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
