"""Removing images, bringing them back, and the trash."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from plashui.core.errors import PlashError
from plashui.core.store import Store
from plashui.core.text import plural, size
from plashui.ui.action import Action, Now
from plashui.ui.screens.acting import ActingScreen

if TYPE_CHECKING:
    from plashui.ui.screens.taking import Done

ACTIONS: Final = (
    Action(
        "remove",
        "d",
        "Remove",
        "plashui rm --trash {ids}",
        "Show what would go and what it frees, then move it to the trash.",
        footer=2,
        changes=True,
    ),
    Action(
        "undo",
        "u",
        "Undo",
        "plashui restore {removed}",
        "Bring back what was removed last, with its names and its place.",
        footer=4,
        changes=True,
    ),
    Action(
        "trash",
        "T",
        "Trash",
        "plashui trash",
        "Show what was removed: bring it back, or free its bytes for good.",
        footer=9,
    ),
)


class Removing(ActingScreen):
    """Into the trash and out of it."""

    _removals: tuple[tuple[int, ...], ...] = ()
    """What this app removed and can undo: the topmost images of each time."""

    _undoing = threading.Lock()

    def now(self) -> Now:
        """With what an undo brings back."""
        last = self._removals[-1] if self._removals else ()
        return super().now()._replace(removed=last)

    def show_store(self, store: Store) -> None:
        """Show another store, in which nothing was removed yet."""
        self._removals = ()
        super().show_store(store)

    def action_remove(self) -> None:
        """The preview of removing what is marked, else what is under the cursor."""
        if self.refused() or (not self.table.marks and self.nothing_under_cursor()):
            return
        from plashui.ui.screens.removal import RemovalScreen

        image, marked = self.chosen()
        images: Sequence[int] = marked or ([image] if image is not None else [])
        screen = RemovalScreen(self.store, self.table.forest, images)
        self.app.push_screen(screen, self._removed)

    def _removed(self, done: Done | None) -> None:
        if done is None:
            return
        self._removals += (done.tops,)
        self.table.clear_marks()
        count = plural(len(done.removed.ids), "image")
        self.plashui.tell(
            f"{count} moved to the trash, {size(done.removed.bytes)}. "
            f"{self.plashui.key('undo')} brings back, "
            f"{self.plashui.key('trash')} frees the bytes."
        )
        self.reread()

    def action_undo(self) -> None:
        """Bring back what was removed last."""
        if self.refused():
            return
        last = self._removals[-1] if self._removals else ()
        self._removals = self._removals[:-1]
        self.run_worker(
            partial(self._restore, last), thread=True, group="undo", exit_on_error=False
        )

    def _restore(self, images: tuple[int, ...]) -> None:
        """In a thread: restore these, or what is newest in the trash."""
        from plashui.core.restore import restore_all
        from plashui.core.trash import trashed
        from plashui.ui.screens.trash import restored_sentence

        try:
            with self._undoing:  # pressed twice, the second is of what is left then
                chosen = images or tuple(t.id for t in trashed(self.store)[:1])
                if not chosen:
                    raise PlashError("there is nothing to undo: the trash is empty")
                back = restore_all(self.store, chosen)
        except (PlashError, OSError) as error:
            self.app.call_from_thread(self.plashui.fail, error)
            return
        self.app.call_from_thread(self.plashui.tell, restored_sentence(back))
        self.app.call_from_thread(self.reread, chosen[0])

    def action_trash(self) -> None:
        """The trash."""
        from plashui.ui.screens.trash import TrashScreen

        self.app.push_screen(TrashScreen(self.store, self.start_job))
