"""Back from a shell: what changed, and what shall become of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from textual import events, on
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.core.text import clean, plural, size
from plashui.ui.screens.dialog import Dialog, button, text

CHOOSING: Final = "Discard them, or type a name to keep them as a new image."
KEEPING: Final = "Enter keeps them as a new image of this name; Esc discards them."


@dataclass(frozen=True)
class Keep:
    """The changes shall become a new image, of that name if it is not ''."""

    name: str


class ShellReturn(Dialog[Keep]):
    """Answers Keep, or None to throw the changes away."""

    title_text = "Back from the shell"
    AUTO_FOCUS = ""  # on_mount chooses

    def __init__(
        self, image: int, label: str, line: str, files: int, count: int, name: str = ""
    ) -> None:
        """Tell of `files` files with `count` bytes changed in an image by `line`."""
        super().__init__()
        self._image, self._label, self._line = image, label, line
        self._files, self._bytes, self._given = files, count, name

    def body(self) -> Iterable[Widget]:
        """What changed and how."""
        what = f"{self._image} {clean(self._label)}".rstrip()
        files = plural(self._files, "file")
        yield text(f"{files} changed in image {what}, {size(self._bytes)}.")
        yield text(f"$ {clean(self._line)}", "hint")
        yield Static(CHOOSING, id="hint", markup=False)
        field = Input(self._given, placeholder="name of the new image (may be empty)")
        field.cursor_blink = False
        yield field

    def buttons(self) -> Iterable[Button]:
        """Discard, keep."""
        yield button("Discard", "discard")
        yield button("Keep as a new image", "keep")

    def on_mount(self) -> None:
        """Discard is the default, unless keeping it was tried before."""
        self.set_focus(self.query_one(Input if self._given else "#discard"))

    def on_key(self, event: events.Key) -> None:
        """What is typed at a button is a name."""
        if event.character and event.is_printable and event.character != " ":
            field = self.query_one(Input)
            field.select_on_focus = False
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)
            event.stop()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def hint(self) -> None:
        """Say what Enter does now."""
        at_name = isinstance(self.focused, Input)
        self.query_one("#hint", Static).update(KEEPING if at_name else CHOOSING)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Enter after a name keeps."""
        self.dismiss(Keep(event.value.strip()))

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        keep = event.button.id == "keep"
        self.dismiss(Keep(self.query_one(Input).value.strip()) if keep else None)
