"""The dialog after a shell in what a build left when it failed: how it goes on."""

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
    """The step that a shell was in, and what it has changed until now.

    `step` is "" for a command, which is a whole build.
    """

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
        what = "step" if state.step else "build"
        self.title_text = f"Back from the failed {what}"
        self._state = state

    def body(self) -> Iterable[Widget]:
        """Yield the step, and what it has changed."""
        state = self._state
        yield text(clean(", ".join(filter(None, (state.title, state.step)))))
        count = f"{plural(state.files, 'file')}, {size(state.bytes)}"
        changed = state.files or state.bytes
        what = "step" if state.step else "command"
        words = f"The {what} and the shell have changed {count}."
        yield text(words if changed else "Nothing has changed.", "hint")
        on = (
            "Going on takes that as what the step makes, and does the rest of the"
            " build."
            if state.step
            else "It becomes the image that the command should have made."
        )
        yield text(f"{on} Esc keeps it as unsaved changes.", "hint")

    def buttons(self) -> Iterable[Button]:
        """Buttons: discard, shell again, keep, go on."""
        yield button("Discard", "discard")
        yield button("Shell again", "again")
        yield button("Keep and stop", "keep")
        yield button("Go on" if self._state.step else "Make the image", "on")

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
