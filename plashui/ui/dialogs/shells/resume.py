"""The dialog before a shell in an image that has unsaved changes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import age, size
from plashui.store.changes.saved_changes import Kept, weighed
from plashui.store.store import Store
from plashui.ui.dialogs.base import Dialog, button, text
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.line_list import LineList


@dataclass(frozen=True)
class Chosen:
    """The choice: resume or discard these unsaved changes, or ignore them."""

    what: Literal["resume", "clean", "discard"]
    kept: Kept


def kept_lines(found: Iterable[Kept], now: float) -> list[Line]:
    """Format one line per change set: size, age, state and command."""
    return [
        (
            ((size(one.bytes) if one.bytes is not None else "~").rjust(8), "strong"),
            (f"{age(now - one.saved) if one.saved else '?':>7} ago", "faint"),
            (f"  {clean(one.way.origin)}", "strong"),
            (f"  {'isolated  ' if one.way.isolated else ''}", ""),
            (
                "in use  " if one.running else "interrupted  " if one.cut_off else "",
                "warn",
            ),
            (clean(one.name), "faint"),
        )
        for one in found
    ]


class ResumeScreen(Dialog[Chosen]):
    """Ask which changes to resume; None for cancelled."""

    title_text = "Unsaved changes"
    DEFAULT_CSS = """
    ResumeScreen #kept {
        height: auto;
        max-height: 8;
        margin-top: 1;
        background: $boost;
    }
    ResumeScreen #buttons Button { margin-left: 1; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "pick(-1)", show=False),
        Binding("down,j", "pick(1)", show=False),
    ]

    @dataclass
    class Weighed(Message):
        """The changes with their sizes known."""

        found: list[Kept]

    def __init__(
        self, store: Store, image: int, found: list[Kept], name: str = ""
    ) -> None:
        """Ask about these changes; the cursor starts at the one named."""
        super().__init__()
        self._store, self._image, self._found = store, image, found
        self._at = next((i for i, one in enumerate(found) if one.name == name), 0)

    def body(self) -> Iterable[Widget]:
        """Yield the list."""
        several = "earlier shells" if len(self._found) > 1 else "an earlier shell"
        yield text(f"Image {self._image} has changes from {several}.")
        yield LineList(kept_lines(self._found, time.time()), choose=True, id="kept")
        words = "A clean shell ignores them. Discarding moves them to the trash."
        yield text(words, "hint")

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, discard, clean shell, resume."""
        yield button("Back", "safe")
        yield button("Discard", "discard")
        yield button("Clean shell", "clean")
        yield button("Resume", "resume")

    def on_mount(self) -> None:
        """Focus the button Resume, and count the changes."""
        self.query_one(LineList).cursor = self._at
        self.set_focus(self.query_one("#resume"))
        self._weigh()

    @work(thread=True, exclusive=True, group="weigh", exit_on_error=False)
    def _weigh(self) -> None:
        with suppress(PlashError, OSError):
            self.post_message(self.Weighed(weighed(self._store, self._found)))

    @on(Weighed)
    def counted(self, event: Weighed) -> None:
        """Show the sizes."""
        sizes = {one.name: one.bytes for one in event.found}
        self._found = [
            one._replace(bytes=sizes.get(one.name, one.bytes)) for one in self._found
        ]
        self.query_one(LineList).show(kept_lines(self._found, time.time()))

    def action_pick(self, by: int) -> None:
        """Move the cursor of the list, wherever the focus is."""
        self.query_one(LineList).cursor += by

    def on_line_list_chosen(self) -> None:
        """Resume the changes that were double-clicked."""
        self._choose("resume")

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        match event.button.id:
            case "resume" | "clean" | "discard" as what:
                self._choose(what)
            case _:
                self.dismiss(None)

    def _choose(self, what: Literal["resume", "clean", "discard"]) -> None:
        at = self.query_one(LineList).cursor
        self.dismiss(Chosen(what, self._found[at]))
