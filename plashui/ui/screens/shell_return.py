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

CHOOSING: Final = "Type a name to keep them as a new image. Esc leaves them for later."
KEEPING: Final = "Enter keeps them as an image of this name. Esc leaves them for later."
KEPT: Final = "They are kept already. Esc leaves them so."
PARKING: Final = "A directory: Enter keeps the changes there, to go on with."


_LABEL: Final = 40
"""Characters of the image's label at most: one without a name may be a script."""


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"


@dataclass(frozen=True)
class Keep:
    """The changes shall become a new image, of that name if it is not ''."""

    name: str


@dataclass(frozen=True)
class Park:
    """The changes shall be gone on with later: in a directory if that was named."""

    name: str


class ShellReturn(Dialog[Keep | Park]):
    """Answers Keep, Park, or None to throw the changes away."""

    DEFAULT_CSS = """
    ShellReturn.-short {
        & .hint, & #hint { margin-top: 0; }
        & .hint { max-height: 2; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012 - Textual's
    AUTO_FOCUS = ""  # on_mount chooses

    def __init__(
        self,
        image: int,
        label: str,
        line: str,
        files: int,
        count: int,
        name: str = "",
        *,
        kept: bool = False,
        command: bool = False,
    ) -> None:
        """Tell of `files` files with `count` bytes changed in an image by `line`.

        `kept`: they are changes that were kept before.
        """
        super().__init__()
        self.title_text = f"Back from the {'command' if command else 'shell'}"
        self._image, self._label, self._line = image, label, line
        self._files, self._bytes, self._given = files, count, name
        self._kept = kept

    def body(self) -> Iterable[Widget]:
        """What changed and how."""
        what = f"{self._image} {_short(clean(self._label))}".rstrip()
        files = plural(self._files, "file") if self._files else "Only directories"
        yield text(f"{files} changed in image {what}, {size(self._bytes)}.")
        yield text(f"$ {clean(self._line)}", "hint")
        yield Static(KEPT if self._kept else CHOOSING, id="hint", markup=False)
        field = Input(self._given, placeholder="name of the new image (may be empty)")
        field.cursor_blink = False
        yield field

    def buttons(self) -> Iterable[Button]:
        """Discard, go on later, keep."""
        yield button("Discard", "discard", danger=self._kept)
        yield button("Go on later", "later")
        yield button("Keep", "keep")

    def on_mount(self) -> None:
        """What changes nothing is the default, unless keeping was tried before."""
        safe = "#later" if self._kept else "#discard"
        self.set_focus(self.query_one(Input if self._given else safe))

    def on_key(self, event: events.Key) -> None:
        """What is typed at a button is a name."""
        self.type_into(event, self.query_one(Input))

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    @on(Input.Changed)
    def hint(self) -> None:
        """Say what Enter does now."""
        if not isinstance(self.focused, Input):
            words = KEPT if self._kept else CHOOSING
        elif self._is_directory():
            words = PARKING
        else:
            words = KEEPING
        self.query_one("#hint", Static).update(words)

    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    def _is_directory(self) -> bool:
        return "/" in self._typed()

    def action_safe(self) -> None:
        """Whoever only wants to get back loses nothing."""
        self.dismiss(Park(""))

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter after a name keeps."""
        typed = self._typed()
        self.dismiss(Park(typed) if self._is_directory() else Keep(typed))

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        typed = self._typed()
        if event.button.id == "later":
            self.dismiss(Park(typed))
        elif event.button.id == "keep":
            self.dismiss(Keep(typed))
        else:
            self.dismiss(None)
