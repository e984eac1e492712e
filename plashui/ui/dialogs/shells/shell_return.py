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
from plashui.ui.dialogs.base import TAB_AT_ONCE, Dialog, button, line_text, text
from plashui.ui.model.forms.new_image import taken_hint
from plashui.ui.model.host import host_of
from plashui.ui.model.paths.change_tree import ChangeNode, heading, summary_lines
from plashui.ui.model.paths.leaving_out import LeavingOut
from plashui.ui.widgets.choice import Choice
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.text_field import TextField

CHOOSING: Final = "Name it to save as a new image · Esc: decide later"
SAVING: Final = "Enter saves as a new image · Esc: decide later"
KEPT: Final = "Already saved for later · Enter saves as a new image"
PARKING: Final = "A directory: Enter saves the changes there"
NOTHING: Final = "Everything is left out: F3 keeps some, or choose another button"

ALL: Final = " · F3 shows all, to leave some out"
REST: Final = (("later", "keep them unsaved"), ("drop", "move them to the trash"))
"""What becomes of the changes that are left out of the image."""

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
    """Answer: save the changes as a new image; '' for one without a name.

    The paths in `without` are left out of it. They stay unsaved, or go to the trash
    (`drop`).
    """

    name: str
    without: tuple[str, ...] = ()
    drop: bool = False


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

    help_section = "Back from a shell"
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
    ShellReturn.-slim {
        & #hint { display: none; }
        & #buttons { height: 2; }
    }
    """
    AUTO_FOCUS = "Input"
    does_line = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *TAB_AT_ONCE,
        Binding("f3", "choose", "All changes", show=False),
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
        self._choice: LeavingOut | None = None
        self._hears = False

    def body(self) -> Iterable[Widget]:
        """Yield the changes, the command line and the field for the name."""
        rows = LineList([((" Listing the changes …", "faint"),)], id="changes")
        rows.can_focus = False
        yield rows
        yield text("", name="sum")
        yield Choice(REST, id="rest")
        yield line_text(self._ended.line)
        field = TextField(self._given, placeholder="Save as: a name (optional)")
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
        self.query_one("#rest").display = False
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
            self._choice = LeavingOut(self._listing.top)
            words = self._sum_of(self._listing)
            self._box_says(size(self._listing.bytes))
        total = self.query_one("#sum", Static)
        total.update(words)
        total.display = True
        self.on_resize()

    def _sum_of(self, listing: Listing) -> str:
        if self._choice:
            return f"{self._choice.words()[:1].upper()}{self._choice.words()[1:]}"
        return f"{heading(listing.top, weigh=False)}{ALL}"

    def on_screen_resume(self) -> None:
        """Show what was left out on the page of all changes."""
        if self._listing is None:
            return
        self.query_one("#sum", Static).update(self._sum_of(self._listing))
        self.query_one("#rest").display = bool(self._choice)
        self.call_after_refresh(self.on_resize)
        self.hint()

    def _box_says(self, words: str) -> None:
        self.query_one("#box").border_subtitle = words

    def on_resize(self) -> None:
        """Fit the list to the room there is."""
        rows = self.query_one("#changes", LineList)
        if self._listing is None:
            lines = [] if self._coming.done() else rows.lines
        else:
            width = rows.scrollable_content_region.width or self.size.width
            lines = summary_lines(self._listing.top, width, _MOST, self._choice)
        rows.display = bool(lines)
        rows.show(lines)
        self.fit(rows, _MOST)

    def action_choose(self) -> None:
        """Show all changes on a page, where some can be left out."""
        if self._choice is not None:
            from plashui.ui.viewers.changes import ChangesScreen

            self.app.push_screen(ChangesScreen(self.title_text, self._choice))

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
        if self._choice and self._choice.everything:
            words = NOTHING
        elif self._is_directory():
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
        if self._is_directory():
            self.dismiss(Park(typed))
        elif self._choice is None or not self._choice:
            self.dismiss(Keep(typed))
        elif self._choice.everything:
            self.hint()
        else:
            drop = self.query_one(Choice).value == "drop"
            self.dismiss(Keep(typed, self._choice.paths(), drop))

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
