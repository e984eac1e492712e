"""The trash: what was removed, to bring back or to free for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from plashui.core import restore, trash
from plashui.core.errors import PlashError
from plashui.core.forest import Size
from plashui.core.progress import Cancel, Report
from plashui.core.store import Store
from plashui.core.text import age, clean, plural, size, some
from plashui.core.trash import Trashed
from plashui.core.way import command_line
from plashui.ui.jobs import Outcome, Work
from plashui.ui.minding import Minding
from plashui.ui.screens.question import Question
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.keybar import Key, KeyBar
from plashui.ui.widgets.linelist import Line, LineList
from plashui.ui.widgets.rowcells import shown_size

if TYPE_CHECKING:
    from plashui.ui.application import PlashuiApp

_LONGEST: Final = 400
"""Characters of a command line that is shown."""

KEYS = (
    Key("enter", "Restore", "restore", 1),
    Key("d", "Delete for good", "delete", 2),
    Key("E", "Empty", "empty", 3),
    Key("o", "Older than …", "older", 4),
    Key("esc", "Back", "app.pop_screen"),
)


def trash_lines(entries: list[Trashed], now: float) -> list[Line]:
    """One line for each removal: id, bytes, when, what."""
    lines: list[Line] = []
    for entry in entries:
        label = ", ".join(entry.names) or entry.origin
        more = len(entry.ids) - 1
        line = [
            (f" {entry.id:>5} ", "id"),
            (shown_size(entry.bytes).rjust(8), ""),
            (f"{age(now - entry.removed):>8} ago", "faint"),
            (f"  {clean(label)}", "strong" if entry.names else ""),
        ]
        if more:
            line.append((f"  and {plural(more, 'image')} on it", "faint"))
        lines.append(line)
    return lines


class TrashScreen(Screen[None], Minding):
    """The trash, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,T", "app.pop_screen", "Back", show=False),
        Binding("enter,r,u", "restore", "Restore", show=False),
        Binding("d", "delete", "Delete for good", show=False),
        Binding("E", "empty", "Empty the trash", show=False),
        Binding("o", "older", "Free what is older than …", show=False),
    ]

    @dataclass
    class Listed(Message):
        """What is in the trash now."""

        entries: list[Trashed]

    @dataclass
    class Restored(Message):
        """One came back, or not."""

        outcome: restore.Restored | Exception

    def __init__(self, store: Store, start: Callable[[str, Work], object]) -> None:
        """Show the trash of a store; `start` starts a background job."""
        super().__init__()
        self._store, self._start = store, start
        self.entries: list[Trashed] = []

    def compose(self) -> ComposeResult:
        """A list."""
        yield Head("trash")
        yield LineList(choose=True)
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Read it."""
        self.reread()

    def on_screen_resume(self) -> None:
        """Read it again: something may have happened meanwhile."""
        self.reread()

    @work(thread=True, exclusive=True, group="trash", exit_on_error=False)
    def reread(self) -> None:
        """Read what is in the trash, in a thread."""
        try:
            self.post_message(self.Listed(trash.trashed(self._store)))
        except (PlashError, OSError) as error:
            self.post_message(self.Restored(error))

    @on(Listed)
    def listed(self, event: Listed) -> None:
        """Show it."""
        self.entries = event.entries
        lines = trash_lines(self.entries, time.time())
        self.query_one(LineList).show(lines, nothing="The trash is empty.")
        self.query_one(KeyBar).show(KEYS if lines else KEYS[-1:])
        total = Size(
            sum(e.bytes.bytes for e in self.entries),
            all(e.bytes.known for e in self.entries),
        )
        count = plural(len(self.entries), "removal")
        self.query_one(Head).show(f"{count} · {shown_size(total)}")

    def _entry(self) -> Trashed | None:
        at = self.query_one(LineList).cursor
        return self.entries[at] if at < len(self.entries) else None

    def action_restore(self) -> None:
        """Bring back what is under the cursor."""
        entry = self._entry()
        if entry is not None and not self._refused():
            self._restore(entry.id)

    @work(thread=True, exclusive=True, group="restore", exit_on_error=False)
    def _restore(self, image: int) -> None:
        try:
            self.post_message(self.Restored(restore.restore(self._store, image)))
        except (PlashError, OSError) as error:
            self.post_message(self.Restored(error))

    @on(Restored)
    def restored(self, event: Restored) -> None:
        """Say so, and read the trash again."""
        if isinstance(event.outcome, Exception):
            self._app().fail(event.outcome)
        else:
            self._app().tell(restored_sentence(event.outcome))
        self.reread()

    def action_delete(self) -> None:
        """Free what is under the cursor, after a question."""
        entry = self._entry()
        if entry is not None:
            self._ask([entry])

    def action_empty(self) -> None:
        """Free everything, after a question."""
        self._ask(self.entries, whole=True)

    def action_older(self) -> None:
        """Free what is there for longer than is asked for, after a question."""
        if self._refused():
            return
        from plashui.ui.screens.age import AgeScreen

        wanted = self._app().config.trash_age
        self.app.push_screen(AgeScreen(self._store, wanted), self._ask_of_old)

    def _ask_of_old(self, entries: list[Trashed] | None) -> None:
        if entries is not None:
            self._ask(entries)

    def _ask(self, entries: list[Trashed], *, whole: bool = False) -> None:
        if not entries or self._refused():
            return
        ids = [entry.id for entry in entries]
        count = plural(sum(len(entry.ids) for entry in entries), "image")
        total = Size(
            sum(e.bytes.bytes for e in entries), all(e.bytes.known for e in entries)
        )
        names = [name for entry in entries for name in entry.names]
        words = f"{count}, {shown_size(total)}. This cannot be undone."
        if names:
            words += f"\nThe names were: {some(map(clean, names), 400)}"
        which = [] if whole else [str(image) for image in ids]
        line = command_line(["trash", "--empty", *which], self._store.root)
        words += f"\n\n$ {line}" if len(line) < _LONGEST else ""
        question = Question("Delete for good?", words, yes="Delete for good")

        def answered(sure: bool | None) -> None:
            if sure:
                self._start("emptying the trash", emptying(self._store, ids))

        self.app.push_screen(question, answered)

    def on_line_list_chosen(self) -> None:
        """A double click brings back."""
        self.action_restore()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what was clicked."""
        await self.run_action(event.action)

    def _refused(self) -> bool:
        if self._app().read_only:
            self._app().tell("the store is open for reading only", severity="warning")
        return self._app().read_only

    def _app(self) -> PlashuiApp:
        app: PlashuiApp = self.app  # type: ignore[assignment]
        return app


def emptying(store: Store, images: list[int]) -> Work:
    """The work of freeing these for good."""

    def work_on(report: Report, cancel: Cancel) -> Outcome:
        freed = trash.empty(store, images, report=report, cancel=cancel)
        return Outcome(f"{size(freed)} free again")

    return work_on


def restored_sentence(restored: restore.Restored) -> str:
    """What came back, in words."""
    count = plural(len(restored.ids), "image")
    words = f"{count} restored"
    if restored.first:
        words += f"; what it stood on too: {', '.join(map(str, restored.first))}"
    if restored.names_lost:
        lost = ", ".join(restored.names_lost)
        words += f"; given to another image meanwhile: {lost}"
    return words
