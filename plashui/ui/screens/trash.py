"""The trash page: restore or permanently delete what was removed or discarded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Report
from plashui.base.terminal_text import clean, some
from plashui.base.units import plural, size
from plashui.operations import empty_trash
from plashui.operations.session import Session
from plashui.store.changes import saved_changes
from plashui.store.changes.saved_changes import Kept
from plashui.store.run_spec import command_line
from plashui.store.store import Store
from plashui.store.trash.listing import Trashed
from plashui.ui.dialogs.copy_out import CopyOutScreen
from plashui.ui.dialogs.question import Question
from plashui.ui.dialogs.removals.age import AgeScreen
from plashui.ui.model.host import Host, host_of
from plashui.ui.model.images.row_cells import shown_size
from plashui.ui.model.jobs.job import Outcome, Work
from plashui.ui.model.trash_entries import (
    Entry,
    all_in_trash,
    image_of,
    is_orphan,
    orphans,
    restore_words,
    trash_lines,
    trash_titles,
    weight,
    word_of,
)
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.panel import Panel
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

_LONGEST: Final = 400
"""Longest command line that is shown, in characters."""

KEYS = (
    Key("enter", "Restore", "restore", 1),
    Key("d", "Delete permanently", "delete", 2),
    Key("E", "Empty", "empty", 3),
    Key("o", "Older than …", "older", 4),
    Key("esc", "Back", "app.pop_screen"),
)
ORPHAN_KEYS = (
    Key("enter", "Save as a directory", "restore", 1),
    *KEYS[1:],
)


class TrashScreen(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """The entries of the trash, newest first."""

    help_section = "Trash"
    DEFAULT_CSS = """
    TrashScreen {
        & Panel { height: 1fr; }
        & #titles {
            height: 1;
            color: $dim;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,T", "app.pop_screen", "Back", show=False),
        Binding("enter,r,u", "restore", "Restore", show=False),
        Binding("d", "delete", "Delete permanently", show=False),
        Binding("E", "empty", "Empty the trash", show=False),
        Binding("o", "older", "Delete what is older than …", show=False),
    ]

    @dataclass
    class Listed(Message):
        """The entries of the trash."""

        entries: list[Entry]

    @dataclass
    class Restored(Message):
        """The result of a restore: a sentence."""

        outcome: str | Exception

    def __init__(self, store: Store, start: Callable[[str, Work], object]) -> None:
        """Show the trash of a store; `start` starts a background job."""
        super().__init__()
        self._store, self._start = store, start
        self.entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        """Yield the top line, the list and the keys."""
        yield TopLine("trash")
        with Panel() as panel:
            yield Static(trash_titles(), id="titles", markup=False)
            yield LineList(choose=True)
        panel.entitle([("Trash", "accent"), (" · newest first", "faint")])
        yield KeyBar(KEYS)

    def on_screen_resume(self) -> None:
        """Read the trash when the page is on top, at first or again."""
        self.reread()

    @work(thread=True, exclusive=True, group="trash", exit_on_error=False)
    def reread(self) -> None:
        """Read the trash, in a thread."""
        try:
            found = [*orphans(self._store), *all_in_trash(self._store)]
            self.post_message(self.Listed(found))
        except (PlashError, OSError) as error:
            self.post_message(self.Restored(error))

    @on(Listed)
    def listed(self, event: Listed) -> None:
        """Show the entries."""
        self.entries = event.entries
        lines = trash_lines(self.entries, time.time())
        self.query_one("#titles").visible = bool(lines)
        self.query_one(LineList).show(lines, nothing="The trash is empty.")
        self.show_keys()
        left = [entry for entry in self.entries if not is_orphan(entry)]
        waiting = [entry for entry in self.entries if is_orphan(entry)]
        parts = [plural(len(left), "removal"), shown_size(weight(left))]
        if waiting:
            parts.append(f"unsaved {shown_size(weight(waiting))}")
        self.query_one(TopLine).show(" · ".join(parts))

    @on(LineList.Moved)
    def show_keys(self) -> None:
        """Show the keys for the entry under the cursor."""
        entry = self._entry()
        keys = KEYS if entry is not None else KEYS[-1:]
        if entry is not None and is_orphan(entry):
            keys = ORPHAN_KEYS
        self.query_one(KeyBar).show(keys)

    def _entry(self) -> Entry | None:
        at = self.query_one(LineList).cursor
        return self.entries[at] if at < len(self.entries) else None

    def action_restore(self) -> None:
        """Restore the entry under the cursor; save it if its image is gone."""
        entry = self._entry()
        if entry is None or self._refused():
            return
        if isinstance(entry, Trashed):
            self._restore(str(entry.id))
        elif is_orphan(entry):
            self._ask_where(entry)
        else:
            self._restore(entry.name)

    def _ask_where(self, entry: Kept) -> None:
        def answered(target: Path | None) -> None:
            if target is not None:
                self._save(entry, target)

        asking = CopyOutScreen(entry.image, f"changes-{entry.image}", save=True)
        self.app.push_screen(asking, answered)

    @work(thread=True, exclusive=True, group="restore", exit_on_error=False)
    def _save(self, entry: Kept, target: Path) -> None:
        try:
            session = Session(self._store, entry.image, entry.way, entry.place)
            session.park(target)
            self.post_message(self.Restored(f"Changes saved in {target}/data"))
        except (PlashError, OSError) as error:
            self.post_message(self.Restored(error))

    @work(thread=True, exclusive=True, group="restore", exit_on_error=False)
    def _restore(self, word: str) -> None:
        try:
            said, _image = restore_words(self._store, (word,))
            self.post_message(self.Restored(said))
        except (PlashError, OSError) as error:
            self.post_message(self.Restored(error))

    @on(Restored)
    def restored(self, event: Restored) -> None:
        """Report the restore, and read the trash again."""
        if isinstance(event.outcome, Exception):
            self._app().fail(event.outcome)
        else:
            self._app().tell(event.outcome)
        self.reread()

    def action_delete(self) -> None:
        """Permanently delete the entry under the cursor, after a question."""
        entry = self._entry()
        if entry is not None:
            self._ask([entry])

    def action_empty(self) -> None:
        """Empty the trash after a question; keep unsaved changes."""
        self._ask([e for e in self.entries if not is_orphan(e)], whole=True)

    def action_older(self) -> None:
        """Ask for an age; permanently delete what is older, after a question."""
        if self._refused():
            return
        wanted = self._app().config.trash_age
        self.app.push_screen(AgeScreen(self.entries, wanted), self._ask_of_old)

    def _ask_of_old(self, entries: list[Entry] | None) -> None:
        if entries is not None:
            self._ask(entries)

    def _ask(self, entries: Sequence[Entry], *, whole: bool = False) -> None:
        if not entries or self._refused():
            return
        words = f"{self._what(entries)}. This cannot be undone."
        names = [n for e in entries if isinstance(e, Trashed) for n in e.names]
        if names:
            words += f"\nTheir names are lost: {some(map(clean, names), 400)}"
        gone = {i for e in entries if isinstance(e, Trashed) for i in e.ids}
        left = [e for e in self.entries if is_orphan(e) and image_of(e) in gone]
        if left:
            words += (
                f"\nUnsaved changes of {some((str(image_of(e)) for e in left), 60)}"
                f" ({shown_size(weight(left))}) lose their image. They stay here and"
                " can be saved as a directory."
            )
        which = [] if whole else [word_of(entry) for entry in entries]
        line = command_line(["trash", "--empty", *which], self._store.root)
        words += f"\n\n$ {line}" if len(line) < _LONGEST else ""
        question = Question("Delete permanently?", words, yes="Delete permanently")

        def answered(sure: bool | None) -> None:
            if sure:
                self._start("Empty the trash", emptying(self._store, entries))

        self.app.push_screen(question, answered)

    def _what(self, entries: Sequence[Entry]) -> str:
        """Say how many images and changes the entries are, and their bytes."""
        images = sum(len(e.ids) for e in entries if isinstance(e, Trashed))
        changes = [e for e in entries if isinstance(e, Kept)]
        unsaved = any(map(is_orphan, changes))
        parts = [plural(images, "image")] if images else []
        if changes:
            kind = "unsaved" if unsaved else "discarded"
            of = some((str(e.image) for e in changes), 60)
            parts.append(f"{kind} changes of image {of}")
        return f"{' and '.join(parts)}, {shown_size(weight(entries))}"

    def on_line_list_chosen(self) -> None:
        """Restore the entry that was double-clicked."""
        self.action_restore()

    def _refused(self) -> bool:
        if self._app().read_only:
            self._app().tell("Read-only store", severity="warning")
        return self._app().read_only

    def _app(self) -> Host:
        return host_of(self)


def emptying(store: Store, entries: Iterable[Entry]) -> Work:
    """Return the work of a job that permanently deletes these entries."""
    chosen = list(entries)

    def work_on(report: Report, cancel: Cancel) -> Outcome:
        images = [entry.id for entry in chosen if isinstance(entry, Trashed)]
        places = [entry.place for entry in chosen if isinstance(entry, Kept)]
        freed = empty_trash.empty(store, images, report=report, cancel=cancel)
        freed += saved_changes.delete(store, places, cancel=cancel)
        return Outcome(f"{size(freed)} freed")

    return work_on
