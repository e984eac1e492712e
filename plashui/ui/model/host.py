"""The app as its parts know it: one interface, and the one way to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.notifications import SeverityLevel
    from textual.worker import Worker

    from plashui.settings.config import Config
    from plashui.store.store import Store
    from plashui.ui.model.action import Action
    from plashui.ui.model.jobs import Jobs


class Host(Protocol):
    """What screens, dialogs and tabs ask of the app. `PlashuiApp` is one."""

    store: Store
    """The store that is shown."""

    jobs: Jobs
    """What runs in the background, or did."""

    read_only: bool
    """Whether nothing in the store may be changed."""

    to_terminal: Callable[[str], None] | None
    """Writes to the terminal what Textual has no words for; None without a terminal."""

    @property
    def actions(self) -> Sequence[Action]:
        """What one can do on the main screen, with the keys it has here."""

    @property
    def config(self) -> Config:
        """What the person has set."""

    def entry(self, name: str) -> Action:
        """The action of that name, with the key it has here."""

    def key(self, name: str) -> str:
        """The first key of an action, as a person reads it."""

    def tell(
        self, sentence: str, *, title: str = "", severity: SeverityLevel = "information"
    ) -> None:
        """Notify in one sentence, which may hold text from outside."""

    def fail(self, error: BaseException) -> None:
        """Notify of what went wrong."""

    def worker_failed(self, event: Worker.StateChanged) -> bool:
        """Whether a worker failed as none should; if so, note it and say so."""

    def call_away(self, sentence: str) -> None:
        """Let the terminal itself notify, if nobody looks at it now."""

    def window_name(self) -> str:
        """What the terminal's window is called while it shows this app."""

    def lent_terminal(self) -> AbstractContextManager[None]:
        """The terminal is free for a program inside the block."""

    def be_deaf(self) -> None:
        """Let keys and clicks do nothing: a program is about to have the terminal."""

    def hear_soon(self) -> None:
        """Hear them again, a moment after what is asked now could be read."""

    def action_help(self) -> None:
        """Show all keys."""

    def action_leave(self) -> None:
        """Quit; asks only if a job would be lost."""


def host_of(part: MessagePump) -> Host:
    """The app that a screen or widget is part of."""
    return cast("Host", part.app)
