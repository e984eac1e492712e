"""The page with the differences between two files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.image.file_diff import FileDiff, Side, compare_files
from plashui.store.store import Store
from plashui.ui.model.details.describe import wrapped
from plashui.ui.model.text.file_lines import text_line
from plashui.ui.model.text.lines import Line
from plashui.ui.viewers.pager import Pager
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

KEYS: Final = (
    Key("j k", "Scroll", "", 3),
    Key("1", "Old", "view(0)", 1),
    Key("2", "New", "view(1)", 2),
    Key("esc", "Back", "back"),
)
_KINDS: Final = {"+": "good", "-": "bad", "@": "id", "\\": "faint"}


def diff_lines(found: FileDiff) -> list[Line]:
    """Format the lines of a unified diff, safe for display, styled by their sign."""
    return [
        ((f" {line[:1]}", kind), (_shown(line[1:]), kind))
        for line in found.lines
        for kind in (_KINDS.get(line[:1], ""),)
    ]


def _shown(line: str) -> str:
    return text_line(line.encode("utf-8", "surrogateescape"))


class FileDiffScreen(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """Compare a file of an image with one of the same or another image."""

    help_section = "Differences of a file"
    DEFAULT_CSS = """
    FileDiffScreen > Static { height: auto; padding: 0 1; color: $dim; }
    FileDiffScreen > LineList { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", show=False),
        Binding("1", "view(0)", "Old", show=False),
        Binding("2", "view(1)", "New", show=False),
    ]

    @dataclass
    class Compared(Message):
        """The differences, or the error."""

        found: FileDiff | Exception

    def __init__(self, store: Store, old: Side, new: Side, *, note: str = "") -> None:
        """Compare these files; `note` says what differs besides the content."""
        super().__init__()
        self._store, self._sides, self._note = store, (old, new), note
        self._cancel = Cancel()

    def compose(self) -> ComposeResult:
        """Yield the top line, the differences and the keys."""
        yield TopLine("compare")
        old, new = (f"{image}  {clean(path)}" for image, path in self._sides)
        yield Static(f"- {old}\n+ {new}", markup=False)
        yield LineList()
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Start comparing, in a thread."""
        self.set_focus(self.query_one(LineList))
        self.query_one(TopLine).show("comparing …")
        self.run_worker(self._compare, thread=True, exit_on_error=False)

    def on_unmount(self) -> None:
        """Stop comparing."""
        self._cancel.set()

    def _compare(self) -> None:
        try:
            found = compare_files(self._store, *self._sides, cancel=self._cancel)
            self.post_message(self.Compared(found))
        except Cancelled:
            return
        except (PlashError, OSError) as error:
            self.post_message(self.Compared(error))

    @on(Compared)
    def compared(self, event: Compared) -> None:
        """Show the differences."""
        found = event.found
        if isinstance(found, Exception):
            self.query_one(TopLine).show("")
            self._say(str(found), "bad")
            return
        self.query_one(TopLine).show(found.sentence)
        if found.lines:
            self.query_one(LineList).show(diff_lines(found))
        else:
            verb = "are " if found.sentence.startswith("the same") else ""
            note = f" ({self._note})" if verb and self._note else ""
            self._say(f"They {verb}{found.sentence}{note}.", "")

    def _say(self, words: str, kind: str) -> None:
        pieces = wrapped(clean(words), max(20, self.size.width - 4))
        lines: list[Line] = [((f"  {piece}", kind),) for piece in pieces]
        self.query_one(LineList).show([(), *lines])

    def action_view(self, number: int) -> None:
        """Show one of the two files."""
        side = self._sides[number]
        self.app.push_screen(Pager(self._store, side.image, side.path))

    def action_back(self) -> None:
        """Close the page."""
        self.dismiss(None)
