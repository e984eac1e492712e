"""All private names of Textual that the app uses, each with the reason.

No other module may use such a name. Check this module when Textual is updated.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from textual._context import active_message_pump
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    from rich.console import RenderableType


class AppWithoutTraceback(App[None]):
    """An app that handles uncaught exceptions itself and prints no traceback.

    Textual has no public hook for an exception that nobody caught, and always prints a
    traceback (textual#2818).
    """

    def unforeseen(self, error: Exception) -> bool:
        """Handle an exception that nobody caught; return whether the app must end."""
        raise NotImplementedError

    def _handle_exception(self, error: Exception) -> None:
        if self.unforeseen(error):
            super()._handle_exception(error)

    def panic(self, *renderables: RenderableType) -> None:  # noqa: ARG002 - Textual's
        """End without output: `run` reports the error once the terminal is free."""
        super().panic()

    def _fatal_error(self) -> None:
        self.panic()

    @property
    def is_leaving(self) -> bool:
        """Whether `exit` was called; Textual tells only after the app has ended."""
        return self._exit


def size_up(screen: Screen[None]) -> None:
    """Give a screen the classes of its breakpoints before its first layout.

    Textual gives them only once it has the layout, and then makes another.
    """
    app = screen.app
    for length, points in (
        (app.size.width, app.HORIZONTAL_BREAKPOINTS),
        (app.size.height, app.VERTICAL_BREAKPOINTS),
    ):
        names = screen._get_breakpoint_classes(length, points or [])
        screen.add_class(*names, update=False)


def failing_widget() -> Widget | None:
    """Return the widget whose message is being handled, if any.

    An exception does not say in which widget it was raised.
    """
    at = active_message_pump.get(None)
    return at if isinstance(at, Widget) else None


def is_being_removed(widget: Widget) -> bool:
    """Say whether `remove` was called; Textual tells only once it is detached."""
    return widget._pruning


class SturdyPalette(CommandPalette):
    """A command palette in which page up and down work without any lines.

    Textual (8.2.8) fails there.
    """

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)


def bind_keys(node: DOMNode, bindings: Iterable[Binding]) -> None:
    """Bind keys of one screen or widget, as `BINDINGS` does for a class.

    They replace the bindings of the class for these keys. Textual can do that only for
    the whole app (textual#5477).
    """
    node._bindings.key_to_bindings.update(BindingsMap(bindings).key_to_bindings)
