"""Every private name of Textual that the app needs, each with the reason.

When Textual is updated this is what to look at; nothing else may use such a name.
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
from textual.widget import Widget

if TYPE_CHECKING:
    from rich.console import RenderableType


class AppWithoutTraceback(App[None]):
    """An app that is asked about exceptions, and never shows a traceback.

    Textual has no other place to hear of an exception that nobody caught, and always
    prints one of its tracebacks (textual#2818).
    """

    def unforeseen(self, error: Exception) -> bool:
        """Nobody caught this: note it; whether the app is to end."""
        raise NotImplementedError

    def _handle_exception(self, error: Exception) -> None:
        if self.unforeseen(error):
            super()._handle_exception(error)

    def panic(self, *renderables: RenderableType) -> None:  # noqa: ARG002 - Textual's
        """End without a word: the sentence comes when the terminal is free again."""
        super().panic()

    def _fatal_error(self) -> None:
        self.panic()

    @property
    def is_leaving(self) -> bool:
        """Whether `exit` was called. Textual does not tell before the app has ended."""
        return self._exit


def failing_widget() -> Widget | None:
    """The widget whose message is handled now, if it is a widget's.

    An exception does not say in which widget it was raised.
    """
    at = active_message_pump.get(None)
    return at if isinstance(at, Widget) else None


def is_being_removed(widget: Widget) -> bool:
    """Whether `remove` was called for it. Textual tells only once it is detached."""
    return widget._pruning


class SturdyPalette(CommandPalette):
    """A command palette that bears page up and down while it has no lines.

    Textual (8.2.8) takes lines for granted there.
    """

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)


def bind_keys(node: DOMNode, bindings: Iterable[Binding]) -> None:
    """Give keys to one screen or widget, as a class gets them from `BINDINGS`.

    They take the place of what its class has bound to these keys. Textual can do so
    for the whole app only (textual#5477).
    """
    node._bindings.key_to_bindings.update(BindingsMap(bindings).key_to_bindings)
