"""The app itself: what all screens share, and nothing that one of them can do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen

from plashui.core.store import Store
from plashui.core.text import clean
from plashui.ui.commands import ACTIONS
from plashui.ui.jobs import Jobs
from plashui.ui.screens.main import MainScreen
from plashui.ui.terminal import ENDING, Lender, notification, speaking, terminal_lent
from plashui.ui.theme import DUSK

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from plashui.core.guard import TerminalGuard

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 17


class PlashuiApp(App[None]):
    """plashui on one store."""

    TITLE = "plashui"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (104, "-wide"),
        (140, "-broad"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False),
        Binding("ctrl+c", "say_how_to_quit", show=False),
    ]

    def __init__(
        self,
        store: Store,
        *,
        read_only: bool = False,
        lender: Lender = terminal_lent,
    ) -> None:
        """Show this store."""
        super().__init__()
        self.register_theme(DUSK)
        self.theme = DUSK.name
        self.store = store
        self.read_only = read_only
        self.lender = lender
        self.jobs = Jobs()
        self.guard: TerminalGuard | None = None
        self.to_terminal: Callable[[str], None] | None = None

    def get_driver_class(self) -> type[Driver]:
        """The usual one, to which we can say what Textual has no words for."""

        def take(driver: Driver) -> None:
            self.to_terminal = driver.write

        return speaking(super().get_driver_class(), take)

    def get_default_screen(self) -> Screen[Any]:
        """The main screen is the first, with none before it."""
        return MainScreen(id="main")

    def on_mount(self) -> None:
        """Quit in order when asked by a signal; draw anew when continued."""
        if not self.is_headless:
            for number in ENDING:
                asyncio.get_running_loop().add_signal_handler(number, self.leave_now)
            self.call_later(self.guard_terminal)
        if self.no_color:
            self.add_class("no-color")
        # Without this, Ctrl+Z then fg comes back blank (textual#6298).
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def guard_terminal(self) -> None:
        """Once there is something to see: what makes this terminal usable if killed."""
        from plashui.core.guard import TerminalGuard

        self.guard = TerminalGuard()
        self.guard.start()

    def tell(
        self, sentence: str, *, title: str = "", severity: SeverityLevel = "information"
    ) -> None:
        """Notify in one sentence, which may hold text from outside."""
        self.notify(clean(sentence), title=title, severity=severity, markup=False)

    def fail(self, error: BaseException) -> None:
        """Notify of what went wrong."""
        self.tell(str(error) or type(error).__name__, severity="error")

    def call_away(self, sentence: str) -> None:
        """Let the terminal itself notify, if nobody looks at it now."""
        if not self.app_focus and self.to_terminal is not None:
            self.to_terminal(notification(sentence))

    def on_resize(self, event: events.Resize) -> None:
        """Cover everything where the screen is too small to be of use."""
        from plashui.ui.screens.toosmall import TooSmall

        width, height = event.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        covered = isinstance(self.screen, TooSmall)
        if small and not covered:
            self.push_screen(TooSmall(LEAST_WIDTH, LEAST_HEIGHT))
        elif covered and not small:
            self.pop_screen()

    def action_say_how_to_quit(self) -> None:
        """Ctrl+C is no way out, but says which key is."""
        self.tell("q quits")

    def action_leave(self) -> None:
        """Quit; asks only if a job would be lost."""
        running = self.jobs.running()
        if not running:
            self.leave_now()
            return
        from plashui.ui.screens.question import Question

        what = "; ".join(job.title for job in running)
        self.push_screen(
            Question("Quit?", f"Still running: {what}", yes="Quit and cancel it"),
            lambda sure: self.leave_now() if sure else None,
        )

    def leave_now(self) -> None:
        """Cancel what runs and quit."""
        self.jobs.cancel_all()
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.stop_work()
        self.exit()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action with the command line it stands for."""
        if isinstance(screen, MainScreen):
            image, marked = screen.chosen()
            for entry in ACTIONS:
                line = entry.line(image, marked)
                text = f"{entry.help}  $ {line}" if line else entry.help
                label = f"{entry.label} ({entry.keys})"
                run = partial(screen.run_action, entry.name)
                yield SystemCommand(label, text, run)
        yield SystemCommand("Theme", "Change the colours.", self.action_change_theme)
