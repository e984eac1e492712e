"""The page that shows a file of an image, as text or hexadecimal, at any size."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.image.file_reader import Content
from plashui.store.store import Store
from plashui.ui.model.host import Host, host_of
from plashui.ui.model.text.file_lines import FileLines, Shown
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.page_view import PageView
from plashui.ui.widgets.text_field import TextField
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

KEYS: Final = (
    Key("/", "Search", "search", 1),
    Key("n N", "Next, previous", "again(1)", 3),
    Key("x", "Toggle hex", "switch", 2),
    Key("g G", "Top, bottom", "", 4),
    Key("h l", "Sideways", "", 5),
    Key("esc", "Back", "back"),
)
TYPING: Final = (Key("enter", "Search", ""), KEYS[-1])
"""The keys while one types what to search for."""

STEP: Final = 16
"""Cells a key goes sideways."""

Step = Callable[[FileLines], None]
"""A step for the thread that reads the file."""


class Pager(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """Show one file; a thread reads it, one step at a time."""

    help_section = "Reading a file"
    DEFAULT_CSS = """
    Pager > Input {
        dock: bottom; height: 1; border: none; padding: 0 1; background: $panel;
        margin-bottom: 1;
        &:focus { border: none; background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", show=False),
        Binding("down,j,enter", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,space,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,b,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("home,g", "first", "Begin", show=False),
        Binding("end,G", "last", "End", show=False),
        Binding("right,l", f"sideways({STEP})", "Right", show=False),
        Binding("left,h", f"sideways(-{STEP})", "Left", show=False),
        Binding("x,t", "switch", "Hexadecimal or text", show=False),
        Binding("slash", "search", "Search", show=False),
        Binding("n", "again(1)", "Next", show=False),
        Binding("N", "again(-1)", "Previous", show=False),
    ]

    @dataclass
    class Page(Message):
        """The lines to show and their position."""

        lines: Sequence[Shown]
        hexadecimal: bool
        at: int
        size: int

        def can_replace(self, message: Message) -> bool:
            """Replace an older message: only the latest matters."""
            return isinstance(message, Pager.Page)

    @dataclass
    class Said(Message):
        """What to report: the progress or end of a search, or an error."""

        words: str
        passing: bool = False
        trouble: bool = False

    def __init__(self, store: Store, image: int, path: str) -> None:
        """Show this path of an image."""
        super().__init__()
        self._store, self._image, self._path = store, image, path
        self._steps: deque[Step] = deque()
        self._turn = threading.Lock()
        self._busy = self._over = False
        self._content: Content | None = None
        self._file: FileLines | None = None
        self._search = Cancel()
        self._searching = False
        self._needle = b""
        self._hit: int | None = None

    def compose(self) -> ComposeResult:
        """Yield the top line, the page and the keys."""
        yield TopLine(clean(f"{self._image}  {self._path}"))
        yield PageView()
        yield KeyBar(KEYS)

    @property
    def view(self) -> PageView:
        """The widget with the lines."""
        return self.query_one(PageView)

    def on_mount(self) -> None:
        """Open the file."""
        self.set_focus(self.view)
        self.query_one(TopLine).show("opening …")

    @on(PageView.Resized)
    def resized(self) -> None:
        """Read as many lines as fit."""
        self._ask(lambda _file: None)

    def on_unmount(self) -> None:
        """End the thread, then close the file."""
        self._search.set()
        with self._turn:
            self._over = True
            self._steps.clear()
            if not self._busy:
                self._close()

    # -- the thread that reads ------------------------------------------------

    def _ask(self, step: Step) -> None:
        """Queue a step for the thread."""
        with self._turn:
            if self._over:
                return
            self._steps.append(step)
            if self._busy:
                return
            self._busy = True
        self.run_worker(self._serve, thread=True, group="page", exit_on_error=False)

    def _serve(self) -> None:
        """Run all queued steps, then post the page. Runs in the thread."""
        while True:
            with self._turn:
                if not self._steps:
                    self._busy = False
                    if self._over:
                        self._close()
                    return
                step = self._steps.popleft()
                more = bool(self._steps)
            try:
                file = self._opened()
                with suppress(Cancelled):
                    step(file)
                if not more:
                    self._show(file)
            except (PlashError, OSError) as error:
                self.post_message(self.Said(str(error), trouble=True))

    def _opened(self) -> FileLines:
        if self._file is None:
            self._content = Content(self._store, self._image, self._path)
            self._file = FileLines(self._content)
        return self._file

    def _show(self, file: FileLines) -> None:
        file.fit(self.view.size.width - 1)
        lines = file.lines(max(1, self.view.size.height), self._needle)
        whole = file.content.size
        at = 100 * file.bottom // whole if whole else 100
        self.post_message(self.Page(lines, file.hexadecimal, at, whole))

    def _close(self) -> None:
        if self._content is not None:
            self._content.close()

    @on(Page)
    def paged(self, event: Page) -> None:
        """Show the page."""
        if event.lines:
            self.view.show(event.lines, offsets=event.hexadecimal)
        else:
            self.view.say("This file is empty.")
        if not self._searching:
            kind = "hex" if event.hexadecimal else "text"
            at = f"{min(event.at, 100)} %"
            self.query_one(TopLine).show(f"{kind} · {size(event.size)} · {at}")

    @on(Said)
    def said(self, event: Said) -> None:
        """Show a message in the top line, or in place of the lines."""
        if event.trouble and self._file is None:
            self.view.say(clean(event.words))
            self.query_one(TopLine).show("")
            self.query_one(KeyBar).show(KEYS[-1:])
        elif event.passing:
            self.query_one(TopLine).show(event.words)
        else:
            severity: Final = "error" if event.trouble else "information"
            self._app().tell(event.words, severity=severity)

    # -- moving ---------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move by lines."""
        self._ask(lambda file: file.move(by))

    def action_page(self, by: int) -> None:
        """Move by screens."""
        self.action_move(by * max(1, self.view.size.height - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self.view.left = 0
        self._ask(lambda file: file.go_to(0))

    def action_last(self) -> None:
        """Go to the last line."""
        height = self.view.size.height
        self._ask(lambda file: file.go_to_end(height))

    def action_sideways(self, by: int) -> None:
        """Scroll sideways, by cells."""
        self.view.left = max(0, self.view.left + by)
        self.view.refresh()

    def action_switch(self) -> None:
        """Switch between text and hexadecimal."""
        self.view.left = 0
        self._ask(lambda file: file.switch())

    def on_mouse_scroll_down(self) -> None:
        """Move down by three lines."""
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        """Move up by three lines."""
        self.action_move(-3)

    # -- searching ------------------------------------------------------------

    async def action_search(self) -> None:
        """Ask for the text to search."""
        if not self.query(Input):
            words = "search; lower case matches capitals, too"
            field = TextField(placeholder=words)
            field.cursor_blink = False
            await self.mount(field)
            self.set_focus(field)
            self.query_one(KeyBar).show(TYPING)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Search the text from the top of the page."""
        event.stop()
        typed = event.value
        self._leave_field()
        self._needle = typed.encode("utf-8", "surrogateescape")
        self.view.needle = clean(typed)
        self._hit = None
        self.view.refresh()
        if typed:
            self.action_again(1)
        else:
            self._ask(lambda _file: None)  # remove the highlights

    def action_again(self, direction: int) -> None:
        """Go to the next match, or the previous one."""
        needle = self._needle
        if not needle:
            self._app().tell("/ searches; n and N repeat the search")
            return
        if self._searching:
            return
        self._searching = True
        cancel = self._search = Cancel()

        def step(file: FileLines) -> None:
            try:
                self._find(file, needle, cancel, back=direction < 0)
            finally:
                self._searching = False

        self._ask(step)

    def _find(
        self, file: FileLines, needle: bytes, cancel: Cancel, *, back: bool
    ) -> None:
        """Search, in the thread."""

        def tell(at: int) -> None:
            share = 100 * at // max(1, file.content.size)
            words = f"searching … {share} %, esc stops it"
            self.post_message(self.Said(words, passing=True))

        start = file.top
        if self._hit is not None:
            start = self._hit + (0 if back else 1)
        found = file.find(needle, start, back=back, tell=tell, cancel=cancel)
        if found is None:
            where = "above" if back else "below"
            self.post_message(self.Said(f"Not found {where}"))
            return
        self._hit = found
        file.go_to(found)

    def action_back(self) -> None:
        """Stop the search; else close its field; else close the page."""
        if self._searching:
            self._search.set()
        elif self.query(Input):
            self._leave_field()
        else:
            self.dismiss(None)

    def _leave_field(self) -> None:
        self.set_focus(self.view)
        self.query(Input).remove()
        self.query_one(KeyBar).show(KEYS)

    def _app(self) -> Host:
        return host_of(self)
