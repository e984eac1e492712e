"""The dialog after a shell: what changed, and what to do with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.ui.dialogs.base import Dialog, button, line_text, text
from plashui.ui.model.change_tree import ChangeNode, heading, summary_lines
from plashui.ui.model.forms import taken_hint
from plashui.ui.model.host import host_of
from plashui.ui.widgets.line_list import LineList

CHOOSING: Final = "Name it to save as a new image · Esc: decide later"
SAVING: Final = "Enter saves as a new image · Esc: decide later"
KEPT: Final = "Already saved for later · Enter saves as a new image"
PARKING: Final = "A directory: Enter saves the changes there"

_LABEL: Final = 40
"""Most characters of the image's label, which may be a whole script."""

_MOST: Final = 10
"""Most rows of the list."""


class Listing(NamedTuple):
    """What was changed, as a tree, and the bytes it takes on disk."""

    top: ChangeNode
    bytes: int


class Ended(NamedTuple):
    """A shell or command that has ended in an image.

    `taken` maps the names of images to their ids. `gone` is a sentence about an image
    that was removed while the shell ran, else ''. `resumed` says that the shell resumed
    earlier changes.
    """

    image: int
    label: str
    line: str
    taken: Mapping[str, int]
    what: str = "Shell"
    gone: str = ""
    resumed: bool = False


@dataclass(frozen=True)
class Keep:
    """Answer: save the changes as a new image; '' for one without a name."""

    name: str


@dataclass(frozen=True)
class Park:
    """Answer: decide later; if `name` is a directory, save the changes there."""

    name: str


@dataclass(frozen=True)
class Discard:
    """Answer: move the changes to the trash."""


class ShellReturn(Dialog[Keep | Park | Discard]):
    """Ask what to do with the changes of a shell.

    Keys that were typed ahead do no harm: Enter saves, and every choice can be undone.
    """

    DEFAULT_CSS = """
    ShellReturn {
        & #changes { height: auto; max-height: 3; margin-top: 1; }
    }
    ShellReturn.-short {
        & #box { scrollbar-size-vertical: 0; }
        & #changes, & #sum, & #hint, & #line, & Input { margin-top: 0; }
        & #hint { max-height: 2; }
        & #line { display: none; }
        & #buttons { padding: 0; height: 1; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012 - Textual's
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "all", "All changes", show=False),
    ]

    def __init__(
        self, ended: Ended, listing: asyncio.Future[Listing], name: str = ""
    ) -> None:
        """Ask about the changes that are being listed, with `name` as default."""
        super().__init__()
        label = clean(ended.label)
        label = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
        self.title_text = f"{ended.what} in {ended.image} {label}".rstrip() + " ended"
        self._ended, self._coming, self._given = ended, listing, name
        self._listing: Listing | None = None
        self._hears = False

    def body(self) -> Iterable[Widget]:
        """Yield the changes, the command line and the field for the name."""
        rows = LineList([((" Listing the changes …", "faint"),)], id="changes")
        rows.can_focus = False
        yield rows
        yield text("", name="sum")
        yield line_text(self._ended.line)
        field = Input(self._given, placeholder="Save as: a name (optional)")
        field.cursor_blink = False
        yield field
        yield Static("", id="hint", classes="hint", markup=False)

    def buttons(self) -> Iterable[Button]:
        """Buttons: discard, decide later, save."""
        yield button("Discard", "discard")
        yield button("Decide later", "later")
        yield button("Save as image", "keep")

    async def on_mount(self) -> None:
        """Show the changes once they are listed; accept keys after a moment."""
        app = host_of(self)
        app.hear_soon()
        self.query_one("#sum").display = False
        self.hint()
        if self._coming.done():
            self._listed()
        else:
            self._coming.add_done_callback(lambda _ended: self._listed())

    def _listed(self) -> None:
        if not self.is_attached or self._coming.cancelled():
            return
        trouble = self._coming.exception()
        if isinstance(trouble, PlashError | OSError):
            words = clean(f"The changes could not be listed: {trouble}")
        elif trouble is not None:
            raise trouble
        else:
            self._listing = self._coming.result()
            key = " · F3 shows all"
            words = f"{heading(self._listing.top, weigh=False)}{key}"
            self._box_says(size(self._listing.bytes))
        total = self.query_one("#sum", Static)
        total.update(words)
        total.display = True
        self.on_resize()

    def _box_says(self, words: str) -> None:
        self.query_one("#box").border_subtitle = words

    def on_resize(self) -> None:
        """Fit the list to the room there is."""
        rows = self.query_one("#changes", LineList)
        if self._listing is None:
            lines = [] if self._coming.done() else rows.lines
        else:
            width = rows.scrollable_content_region.width or self.size.width
            lines = summary_lines(self._listing.top, width, _MOST)
        rows.display = bool(lines)
        rows.show(lines)
        self.fit(rows, _MOST)

    def action_all(self) -> None:
        """Show all changes on a page."""
        if self._listing is not None:
            from plashui.ui.viewers.changes import ChangesScreen

            self.app.push_screen(ChangesScreen(self.title_text, self._listing.top))

    def on_key(self, event: events.Key) -> None:
        """Put what is typed on a button into the field for the name."""
        self.type_into(event, self.query_one(Input))

    @on(Input.Changed)
    def hint(self) -> None:
        """Say what Enter does with the present input."""
        typed, ended = self._typed(), self._ended
        usual = KEPT if ended.resumed else SAVING if typed else CHOOSING
        usual = usual if self._hears else ""
        words = taken_hint(ended.taken, typed) or ended.gone or usual
        if self._is_directory():
            words = PARKING
        hint = self.query_one("#hint", Static)
        hint.update(words)
        hint.set_class(words not in (usual, PARKING), "warning")
        self.fit(self.query_one("#changes"), _MOST)  # the hint may need another line

    def heard(self) -> None:
        """Show the hint about keys, which are accepted from this moment."""
        self._hears = True
        self.hint()

    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    def _is_directory(self) -> bool:
        return "/" in self._typed()

    def action_safe(self) -> None:
        """Decide later, so that nothing is lost."""
        self.dismiss(Park(""))

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Save: as an image, or in a directory if a path was typed."""
        typed = self._typed()
        self.dismiss(Park(typed) if self._is_directory() else Keep(typed))

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        if event.button.id == "keep":
            self.submitted()
        elif event.button.id == "later":
            typed = self._typed()
            self.dismiss(Park(typed if self._is_directory() else ""))
        else:
            self.dismiss(Discard())
