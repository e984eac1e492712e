"""Back from a shell: what changed, and what shall become of it."""

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
"""Characters of the image's label at most: one without a name may be a script."""

_MOST: Final = 10
"""Rows of the list at most."""


class Listing(NamedTuple):
    """What was changed, as a tree, and the bytes it takes on the disk."""

    top: ChangeNode
    bytes: int


class Ended(NamedTuple):
    """A shell, or a command, that has ended in an image.

    `taken` are the names that images have. `gone`: what to say of an image that was
    removed meanwhile. `resumed`: it went on with changes of before.
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
    """The changes shall become a new image, of that name if it is not ''."""

    name: str


@dataclass(frozen=True)
class Park:
    """It shall be decided later; or they are saved in a directory if that was named."""

    name: str


@dataclass(frozen=True)
class Discard:
    """The changes shall go to the trash."""


class ShellReturn(Dialog[Keep | Park | Discard]):
    """Answers what shall become of the changes; no key that is typed ahead does harm.

    Whatever is chosen can be undone, and Enter saves.
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
        """Ask about what is being listed; `name` is offered for the image."""
        super().__init__()
        label = clean(ended.label)
        label = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
        self.title_text = f"{ended.what} in {ended.image} {label}".rstrip() + " ended"
        self._ended, self._coming, self._given = ended, listing, name
        self._listing: Listing | None = None
        self._hears = False

    def body(self) -> Iterable[Widget]:
        """What changed and how, and what to call it."""
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
        """Discard, decide later, save."""
        yield button("Discard", "discard")
        yield button("Decide later", "later")
        yield button("Save as image", "keep")

    async def on_mount(self) -> None:
        """Show the changes as soon as they are listed; hear keys after a moment."""
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
        """The list takes what room there is."""
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
        """All changes, on a page."""
        if self._listing is not None:
            from plashui.ui.viewers.changes import ChangesScreen

            self.app.push_screen(ChangesScreen(self.title_text, self._listing.top))

    def on_key(self, event: events.Key) -> None:
        """What is typed at a button is a name."""
        self.type_into(event, self.query_one(Input))

    @on(Input.Changed)
    def hint(self) -> None:
        """Say what Enter does now."""
        typed, ended = self._typed(), self._ended
        usual = KEPT if ended.resumed else SAVING if typed else CHOOSING
        usual = usual if self._hears else ""
        words = taken_hint(ended.taken, typed) or ended.gone or usual
        if self._is_directory():
            words = PARKING
        hint = self.query_one("#hint", Static)
        hint.update(words)
        hint.set_class(words not in (usual, PARKING), "warning")
        self.fit(self.query_one("#changes"), _MOST)  # it may take another line

    def heard(self) -> None:
        """From now on keys are heard: say what they do."""
        self._hears = True
        self.hint()

    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    def _is_directory(self) -> bool:
        return "/" in self._typed()

    def action_safe(self) -> None:
        """Whoever only wants to get back loses nothing."""
        self.dismiss(Park(""))

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter saves."""
        typed = self._typed()
        self.dismiss(Park(typed) if self._is_directory() else Keep(typed))

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        if event.button.id == "keep":
            self.submitted()
        elif event.button.id == "later":
            typed = self._typed()
            self.dismiss(Park(typed if self._is_directory() else ""))
        else:
            self.dismiss(Discard())
