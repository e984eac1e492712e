"""The dialog that asks where a file or directory of an image is copied to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button, text
from plashui.ui.model.forms.typed import is_directory, path_of
from plashui.ui.widgets.path_input import PathInput


def target_of(typed: str, path: str) -> Path | str:
    """Return where to copy `path` to, or a sentence that says what is wrong.

    An existing directory receives it under its own name.
    """
    if not typed:
        return "Where to?"
    try:
        target = path_of(typed, "place")
        if is_directory(target):
            target = target / (path.rstrip("/").rpartition("/")[2] or "root")
        there = is_directory(target.parent)
    except PlashError as error:
        return str(error)
    if os.path.lexists(target):
        return f"{target} already exists: choose another name"
    if not there:
        return f"There is no directory {target.parent}"
    if not os.access(target.parent, os.W_OK):
        return f"Cannot write to {target.parent}"
    return target


class CopyOutScreen(Dialog[Path]):
    """Ask where to copy; the answer is a path, None for cancelled."""

    title_text = "Copy out of the image"

    def __init__(self, image: int, path: str, *, save: bool = False) -> None:
        """Ask where to copy `path` of the image.

        With `save` the path holds the image's unsaved changes, and the dialog speaks of
        saving them as a directory.
        """
        super().__init__()
        self._what = "Unsaved changes" if save else clean(path)
        self._image, self._path, self._verb = image, path, "Save" if save else "Copy"
        if save:
            self.title_text = "Save as a directory"

    def body(self) -> Iterable[Widget]:
        """Yield the question and the field for the path."""
        yield text(f"{self._what}\nof image {self._image}, to:")
        words = "a new name, or a directory"
        yield PathInput(placeholder=words, id="target", directories=True)
        yield text("tab or → completes the path", "hint")
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, copy."""
        yield button("Back", "safe")
        yield button(self._verb, "copy")

    def on_mount(self) -> None:
        """Start with the current directory."""
        self.query_one("#trouble").display = False
        field = self.query_one(PathInput)
        here = str(Path.cwd())
        field.value = f"{here}/" if here.isprintable() and here != "/" else ""
        field.cursor_position = len(field.value)
        self.set_focus(field)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Copy, as the button does."""
        self._answer()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        if event.button.id == "copy":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        target = target_of(self.query_one(PathInput).value.strip(), self._path)
        if isinstance(target, Path):
            self.dismiss(target)
            return
        trouble = self.query_one("#trouble", Static)
        trouble.update(clean(target))
        trouble.display = True
        self.set_focus(self.query_one(PathInput))
