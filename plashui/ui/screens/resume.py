"""Changes of an image that were kept to go on with."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button

from plashui.core.kept import Kept
from plashui.core.text import age, clean
from plashui.ui.screens.dialog import Dialog, button, text
from plashui.ui.widgets.linelist import Line, LineList


@dataclass(frozen=True)
class Chosen:
    """What to do: with the kept changes, or without them."""

    what: Literal["go on", "fresh", "delete"]
    kept: Kept


def kept_lines(found: Iterable[Kept], now: float) -> list[Line]:
    """One line for each: when, by what, where."""
    return [
        (
            (f" {age(now - one.saved) if one.saved else '?':>8} ago", "faint"),
            (f"  {clean(one.way.origin)}", "strong"),
            (f"  {'isolated  ' if one.way.isolated else ''}", ""),
            (clean(one.place.name), "faint"),
        )
        for one in found
    ]


class ResumeScreen(Dialog[Chosen]):
    """Answers which to go on with, None if nothing shall be done."""

    title_text = "Changes were kept"
    DEFAULT_CSS = """
    ResumeScreen #kept {
        height: auto;
        max-height: 8;
        margin-top: 1;
        background: $boost;
    }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "pick(-1)", show=False),
        Binding("down,j", "pick(1)", show=False),
    ]

    def __init__(self, image: int, found: list[Kept]) -> None:
        """Ask about these."""
        super().__init__()
        self._image, self._found = image, found

    def body(self) -> Iterable[Widget]:
        """The list."""
        yield text(f"Changes of image {self._image} were kept to go on with.")
        yield LineList(kept_lines(self._found, time.time()), choose=True, id="kept")
        yield text(
            "A fresh shell begins without them, and leaves them as they are.", "hint"
        )

    def buttons(self) -> Iterable[Button]:
        """Go on, fresh, delete."""
        yield button("Back", "safe")
        yield button("Delete", "delete", danger=True)
        yield button("Fresh", "fresh")
        yield button("Go on", "go-on")

    def on_mount(self) -> None:
        """Enter goes on, with the newest."""
        self.set_focus(self.query_one("#go-on"))

    def action_pick(self, by: int) -> None:
        """Another of the list, wherever the focus is."""
        self.query_one(LineList).cursor += by

    def on_line_list_chosen(self) -> None:
        """A double click goes on."""
        self._choose("go on")

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        match event.button.id:
            case "go-on":
                self._choose("go on")
            case "fresh":
                self._choose("fresh")
            case "delete":
                self._choose("delete")
            case _:
                self.dismiss(None)

    def _choose(self, what: Literal["go on", "fresh", "delete"]) -> None:
        at = self.query_one(LineList).cursor
        self.dismiss(Chosen(what, self._found[at]))
