"""Naming an image."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Button, Input

from plashui.core.text import clean
from plashui.ui.screens.dialog import Dialog, button, text


class NameScreen(Dialog[str]):
    """Answers the new name ('' = none), None if nothing shall change."""

    title_text = "Name"

    def __init__(self, image: int, name: str) -> None:
        """Ask for the name of this image, which is `name` by now."""
        super().__init__()
        self._image, self._given = image, name

    def body(self) -> Iterable[Widget]:
        """What is asked."""
        yield text(f"A name for image {self._image}. None takes the name away.")
        field = Input(clean(self._given), id="name", select_on_focus=True)
        field.cursor_blink = False
        yield field

    def buttons(self) -> Iterable[Button]:
        """Back, rename."""
        yield button("Back", "safe")
        yield button("Rename", "keep")

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Enter in the field is the answer."""
        self.dismiss(event.value.strip())

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        keep = event.button.id == "keep"
        self.dismiss(self.query_one(Input).value.strip() if keep else None)
