"""The dialog after a shell in a failed step of a build: how it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button

from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.ui.dialogs.base import Dialog, button, text
from plashui.ui.model.host import host_of

Answer = Literal["on", "again", "keep", "discard"]


class StepState(NamedTuple):
    """The step that a shell was in, and what it has changed until now."""

    title: str
    step: str
    files: int
    bytes: int


class StepReturn(Dialog[Answer]):
    """Ask whether the build goes on from the state of the shell; Esc keeps it."""

    AUTO_FOCUS = "#on"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "safe", "Keep it", show=False),
    ]

    def __init__(self, state: StepState) -> None:
        """Ask about this state."""
        super().__init__()
        self.title_text = "Back from the failed step"
        self._state = state

    def body(self) -> Iterable[Widget]:
        """Yield the step, and what it has changed."""
        state = self._state
        yield text(clean(f"{state.title}, {state.step}"))
        count = f"{plural(state.files, 'file')}, {size(state.bytes)}"
        changed = state.files or state.bytes
        words = f"The step and the shell have changed {count}."
        yield text(words if changed else "Nothing has changed.", "hint")
        yield text(
            "Going on takes that as what the step makes, and does the rest of the"
            " build. Esc keeps it as unsaved changes.",
            "hint",
        )

    def buttons(self) -> Iterable[Button]:
        """Buttons: discard, shell again, keep, go on."""
        yield button("Discard", "discard")
        yield button("Shell again", "again")
        yield button("Keep and stop", "keep")
        yield button("Go on", "on")

    def on_mount(self) -> None:
        """Accept keys after a moment."""
        host_of(self).hear_soon()

    def action_safe(self) -> None:
        """Keep it, so that nothing is lost."""
        self.dismiss("keep")

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        match event.button.id:
            case "on" | "again" | "discard" as answer:
                self.dismiss(answer)
            case _:
                self.dismiss("keep")
