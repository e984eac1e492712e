"""The app as the program that has the terminal, lends it, and writes to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual.app import App
from textual.driver import Driver

from plashui.ui.platform.terminal import (
    Lender,
    clipboard,
    name_window,
    notification,
    speaking,
    terminal_lent,
    through_tmux,
)

if TYPE_CHECKING:
    from plashui.helper.terminal_guard import TerminalGuard

QUIET: Final = 0.4
"""Seconds after a shell in which keys are dropped: they were meant for the shell."""


class TerminalApp(App[None]):
    """An app that lends its terminal, and is deaf around that."""

    lender: Lender = staticmethod(terminal_lent)
    to_terminal: Callable[[str], None] | None = None
    guard: TerminalGuard | None = None
    _deaf = False

    def window_name(self) -> str:
        """Return the title of the terminal window while this app has it."""
        raise NotImplementedError

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver, extended by a way to write to the terminal."""

        def take(driver: Driver) -> None:
            self.to_terminal = driver.write

        return speaking(super().get_driver_class(), take)

    def on_mount(self) -> None:
        """Guard the terminal; draw again after a suspension."""
        if not self.is_headless:
            self.call_later(self.guard_terminal)
        # Without this, Ctrl+Z then fg comes back blank (textual#6298).
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def guard_terminal(self) -> None:
        """Start the process that repairs the terminal if the app is killed."""
        from plashui.helper.terminal_guard import TerminalGuard

        self.guard = TerminalGuard()
        self.guard.start()

    @contextmanager
    def lent_terminal(self) -> Iterator[None]:
        """Free the terminal for another program inside the block."""
        with self.lender(self), self.guard.rested() if self.guard else nullcontext():
            yield
            name_window(self.window_name())

    # -- deaf while the terminal changes hands --------------------------------

    def be_deaf(self) -> None:
        """Ignore keys and clicks, because a shell is about to take the terminal."""
        self._deaf = True

    def hear_soon(self) -> None:
        """Accept input again after `QUIET` seconds, when the dialog can be read."""
        if QUIET:
            self.set_timer(QUIET, self._hear)
        else:
            self._hear()

    def _hear(self) -> None:
        self._deaf = False
        tell: Callable[[], None] | None = getattr(self.screen, "heard", None)
        if tell is not None:
            tell()

    async def on_event(self, event: events.Event) -> None:
        """Drop input meant for a shell, and input after the last screen closed."""
        unheard = self._deaf or not self.screen_stack
        if unheard and isinstance(event, events.InputEvent | events.Paste):
            return
        await super().on_event(event)

    async def run_action(self, *words: Any, **more: Any) -> bool:
        """Run an action, unless input is ignored at the moment."""
        return self._deaf or await super().run_action(*words, **more)

    # -- what the terminal is told --------------------------------------------

    def to_clipboard(self, text: str) -> None:
        """Copy a text through the terminal, out of tmux too."""
        self.copy_to_clipboard(text)
        if self.to_terminal is not None:
            self.to_terminal(through_tmux(clipboard(text)))

    def call_away(self, sentence: str) -> None:
        """Send a desktop notification through the terminal if the app has no focus."""
        if not self.app_focus and self.to_terminal is not None:
            self.to_terminal(notification(sentence))
