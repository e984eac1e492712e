"""The app itself: what all screens share, without actions of a single screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from plashui.base.terminal_text import clean, shown_path, some
from plashui.settings.config import Config, Loaded
from plashui.store.store import Store
from plashui.ui.actions.families import handlers
from plashui.ui.actions.table import ACTIONS, own_actions
from plashui.ui.model.action import Action
from plashui.ui.model.jobs.job import Jobs
from plashui.ui.model.keymap_settings import settled
from plashui.ui.platform.ending_app import EndingApp
from plashui.ui.platform.glyphs import AsciiOnly, Harmless
from plashui.ui.platform.palette import ReadableApp
from plashui.ui.platform.terminal import Lender, terminal_lent
from plashui.ui.platform.terminal_app import TerminalApp
from plashui.ui.platform.theme import THEMES
from plashui.ui.screens.main import MainScreen
from plashui.ui.screens.palette_entries import palette_entries
from plashui.ui.store_view.view import width_left
from plashui.ui.tabs.details import fitting

if TYPE_CHECKING:
    from textual.filter import LineFilter
    from textual.notifications import SeverityLevel


LEAST_WIDTH: Final = 40
LEAST_HEIGHT: Final = 12

LINES: Final = 1000
"""Command lines that are remembered."""

THREADS: Final = 256
"""Most threads at once.

The default is small, and a job holds a thread as long as it runs: with ten jobs,
nothing could be read, planned or undone until one of them ends.
"""


class PlashuiApp(ReadableApp, TerminalApp, EndingApp):
    """The app, showing one store."""

    TITLE = "plashui"
    CSS_PATH = "app.tcss"
    ALLOW_SELECT = False  # Textual (8.2.8) fails at a click on what has just gone
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (104, "-wide"),
        (140, "-broad"),
        (160, "-vast"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (15, "-short"),
        (22, "-medium"),
        (45, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False),
        Binding("question_mark", "help", "Help", show=False, id="help"),
        Binding("ctrl+c", "say_how_to_quit", show=False),
    ]

    def __init__(
        self,
        store: Store,
        *,
        read_only: bool = False,
        lender: Lender = terminal_lent,
        loaded: Loaded | None = None,
        ascii_only: bool = False,
    ) -> None:
        """Show `store` as the config says."""
        self._drawn_by: list[LineFilter] = [Harmless()]
        self._failed: dict[str, float] = {}  # error text: end of its notification
        self.jobs = Jobs()
        self.lines_run: list[str] = []
        self.details_width = width_left()
        given = loaded or Loaded(Config(), "")
        every = (*ACTIONS, *own_actions(given.config.commands))
        self.loaded, keys = settled(given, every)
        self.actions = tuple(a._replace(key=keys[a.name]) for a in every)
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.begin_with(self.config.theme)
        if any(mine != ever for mine, ever in zip(self.actions, every, strict=True)):
            self.set_keymap({name: own or "no_key" for name, own in keys.items()})
        self._draw_by(ascii_only)
        self.store = store
        self.read_only = read_only
        self.lender = lender

    def window_name(self) -> str:
        """Return the title of the terminal window while this app has it."""
        return f"plashui {shown_path(self.store.root)}"

    @property
    def config(self) -> Config:
        """The settings of the user."""
        return self.loaded.config

    def entry(self, name: str) -> Action:
        """Return the action of that name, with its configured key."""
        return next(action for action in self.actions if action.name == name)

    def key(self, name: str) -> str:
        """Return the first key of an action, as shown to users."""
        return next(iter(self.entry(name).keys.split()), "no key")

    def _draw_by(self, ascii_only: bool) -> None:
        """Choose the filters that every drawn line passes."""
        if self.config.color is not None:
            self.no_color = not self.config.color
        if self.config.color is False:
            from textual.filter import Monochrome

            self._drawn_by.append(Monochrome())
        if ascii_only:
            self._drawn_by.append(AsciiOnly())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of drawn lines: harmless first, then as configured."""
        filters = super().get_line_filters()
        if self.config.color:
            from textual.filter import Monochrome, NoColor

            filters = [f for f in filters if not isinstance(f, (Monochrome, NoColor))]
        return [*filters, *self._drawn_by]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the widths of the details on wide and on broad screens."""
        own = self.details_width or self.config.details
        return {"details-wide": str(own or 46), "details-broad": str(own or 58)}

    def get_default_screen(self) -> Screen[Any]:
        """Return the main screen, which is always the first."""
        every = (*ACTIONS, *own_actions(self.config.commands))
        return MainScreen(self, every, handlers)

    def on_load(self) -> None:
        """Install a thread pool that is large enough."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, "plashui"))

    def on_mount(self) -> None:
        """Tell of the config; keep notifications on the screen on top."""
        if self.no_color:
            self.add_class("no-color")
        if self.loaded.troubles:
            self.call_after_refresh(self._tell_of_config)
        self.screen_change_signal.subscribe(self, self._toasts_on_top)

    def _toasts_on_top(self, _screen: Screen[Any]) -> None:
        """Show notifications on the screen on top only, not dimmed behind it, too."""
        for screen in self.screen_stack:
            for rack in screen.query("ToastRack"):
                rack.display = screen is self.screen

    def _tell_of_config(self) -> None:
        """Notify of the first problem in the config and the number of others."""
        first, *more = self.loaded.troubles
        words = f"{first}"
        if more:
            words += f" ({len(more)} more: `plash config`)"
        self.tell(words, title="In the config", severity="warning")

    def tell(
        self, sentence: str, *, title: str = "", severity: SeverityLevel = "information"
    ) -> None:
        """Show a notification; the sentence may hold text from outside."""
        self.notify(clean(sentence), title=title, severity=severity, markup=False)

    def fail(self, error: BaseException) -> None:
        """Show an error; the same error again only after its notification is gone."""
        words = str(error) or type(error).__name__
        now = time.monotonic()
        if now >= self._failed.get(words, 0.0):
            self._failed = {w: t for w, t in self._failed.items() if t > now}
            self._failed[words] = now + self.NOTIFICATION_TIMEOUT
            self.tell(words, severity="error")

    def clear_notifications(self) -> None:
        """Remove all notifications; the same errors may be shown again."""
        self._failed = {}
        super().clear_notifications()

    def worker_failed(self, event: Worker.StateChanged) -> bool:
        """Log and report a worker's error; say whether there was one."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return False
        from plashui.base import log

        log.note(error, f"worker {event.worker.group}")
        self.tell(log.sentence(error), severity="error")
        return True

    def resize_details(self, by: int) -> None:
        """Make the details wider, or narrower."""
        wide = self.details_width or self.config.details
        now = wide or (58 if self.size.width >= 140 else 46)
        self.details_width = fitting(now + by, self.size.width)
        self.refresh_css(animate=False)

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard, and say so."""
        self.to_clipboard(text)
        shown = text if len(text) <= 60 else f"{text[:59]}…"
        self.tell(f"Copied {shown}")

    def ran(self, line: str) -> None:
        """Remember the command line of something that was done."""
        if line:
            self.lines_run.append(line)
            del self.lines_run[:-LINES]

    def on_resize(self, event: events.Resize) -> None:
        """Cover the screen with a message while the terminal is too small."""
        from plashui.ui.screens.too_small import TooSmall

        width, height = event.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        covered = isinstance(self.screen, TooSmall)
        if small and not covered:
            self.push_screen(TooSmall(LEAST_WIDTH, LEAST_HEIGHT))
        elif covered and not small:
            self.pop_screen()

    async def action_pop_screen(self) -> None:
        """Leave a page; the main screen stays, even if Esc is typed several times."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_command_palette(self) -> None:
        """Show all actions by name."""
        from textual.command import CommandPalette

        from plashui.ui.dialogs.palette import Palette

        if not isinstance(self.screen, CommandPalette):
            about = {e.title: e.help for e in palette_entries(self.screen, self)}
            hint = "Command name; esc goes back"
            self.push_screen(Palette(placeholder=hint, about=about))

    def search_themes(self) -> None:
        """Show all themes by name."""
        from textual.theme import ThemeProvider

        from plashui.ui.dialogs.palette import Palette

        self.push_screen(
            Palette([ThemeProvider], placeholder="Theme name; esc goes back")
        )

    def action_help(self) -> None:
        """Show all keys; works on every page."""
        from plashui.ui.screens.help import TREE, HelpScreen
        from plashui.ui.screens.too_small import TooSmall

        if isinstance(self.screen, TooSmall):
            return
        main = next(s for s in self.screen_stack if isinstance(s, MainScreen))
        first = getattr(self.screen, "help_section", "")
        now = main.parts.view.now()
        self.push_screen(HelpScreen(now, self.actions, first or TREE))

    def action_say_how_to_quit(self) -> None:
        """Say which key quits: Ctrl+C does not."""
        self.tell(f"{self.key('leave')} quits")

    def action_leave(self) -> None:
        """Quit; ask first if jobs are running."""
        running = self.jobs.running()
        if not running:
            self.leave_now()
            return
        from plashui.ui.dialogs.question import Question

        what = some((clean(job.title) for job in running), 400)
        them, still = ("it", "is") if len(running) == 1 else ("them", "are")
        words = (
            f"Still running: {what}" if still == "are" else f"{what} is still running."
        )
        self.push_screen(
            Question("Quit?", words, yes=f"Cancel {them} and quit"),
            lambda sure: self.leave_now() if sure else None,
        )

    def stop_work(self) -> None:
        """Cancel everything that runs in threads, because the app waits for them."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.parts.view.remember()
        self.jobs.cancel_all()
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.parts.reader.stop()
                screen.parts.packages.stop()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Return the entries of the palette on this screen."""
        for entry in palette_entries(screen, self):
            yield entry._replace(help="")  # the palette shows it below the list
        yield SystemCommand("Theme", "", self.action_change_theme)
