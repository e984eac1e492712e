"""The interface of the app for screens, dialogs and tabs."""

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
    from plashui.ui.model.jobs.job import Jobs


class Host(Protocol):
    """What screens, dialogs and tabs may ask of the app; `PlashuiApp` implements it."""

    store: Store
    """The store that is shown."""

    jobs: Jobs
    """All background jobs."""

    read_only: bool
    """Whether the store may not be changed."""

    to_terminal: Callable[[str], None] | None
    """Write control sequences to the terminal; None if there is no terminal."""

    details_width: int
    """The width of the details that was chosen in the app, 0 for none."""

    lines_run: list[str]
    """The command lines of what was done, the last at the end."""

    @property
    def actions(self) -> Sequence[Action]:
        """The actions of the main screen with their configured keys."""

    @property
    def config(self) -> Config:
        """The settings of the user."""

    def entry(self, name: str) -> Action:
        """Return the action of that name, with its configured key."""

    def key(self, name: str) -> str:
        """Return the first key of an action, as shown to users."""

    def tell(
        self, sentence: str, *, title: str = "", severity: SeverityLevel = "information"
    ) -> None:
        """Show a notification; the sentence may hold text from outside."""

    def fail(self, error: BaseException) -> None:
        """Show an error."""

    def worker_failed(self, event: Worker.StateChanged) -> bool:
        """Log and report a worker's error; say whether there was one."""

    def resize_details(self, by: int) -> None:
        """Make the details wider, or narrower."""

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard, and say so."""

    def ran(self, line: str) -> None:
        """Remember the command line of something that was done."""

    def call_away(self, sentence: str) -> None:
        """Send a desktop notification through the terminal if the app has no focus."""

    def window_name(self) -> str:
        """Return the title of the terminal window while this app has it."""

    def lent_terminal(self) -> AbstractContextManager[None]:
        """Free the terminal for another program inside the block."""

    def be_deaf(self) -> None:
        """Ignore keys and clicks, because a program is about to take the terminal."""

    def hear_soon(self) -> None:
        """Accept input again after a moment, when the dialog can be read."""

    def action_help(self) -> None:
        """Show all keys."""

    def action_leave(self) -> None:
        """Quit; ask first if jobs are running."""


def host_of(part: MessagePump) -> Host:
    """Return the app that shows this screen or widget."""
    return cast("Host", part.app)
