"""Removing images, bringing them back, and the trash."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.base.text import plural, size
from plashui.store.store import Store
from plashui.ui.actions.family import ActingScreen
from plashui.ui.model.action import Now

if TYPE_CHECKING:
    from plashui.store.saved_changes import Kept
    from plashui.ui.dialogs.removal_base import Done


class Removing(ActingScreen):
    """Into the trash and out of it."""

    _removals: tuple[tuple[str, ...], ...] = ()
    """What this app removed and can undo, as `restore` calls it: images and changes."""

    _undoing = threading.Lock()

    def now(self) -> Now:
        """With what an undo brings back."""
        last = self._removals[-1] if self._removals else ()
        return super().now()._replace(removed=last)

    def show_store(self, store: Store) -> None:
        """Show another store, in which nothing was removed yet."""
        self._removals = ()
        super().show_store(store)

    def can_undo(self, removed: tuple[str, ...]) -> None:
        """These are in the trash now, by one deed."""
        self._removals += (removed,)

    def action_remove(self) -> None:
        """The preview of removing what is marked, else what is under the cursor."""
        changes = self.table.changes
        if changes is not None and not self.table.marks and not self.refused():
            self.in_thread(self.discard_changes, changes)
            return
        if self.refused() or (not self.table.marks and self.nothing_under_cursor()):
            return
        from plashui.ui.dialogs.removal import RemovalScreen

        image, marked = self.chosen()
        images: Sequence[int] = marked or ([image] if image is not None else [])
        screen = RemovalScreen(self.store, self.table.forest, images)
        self.app.push_screen(screen, self._removed)

    def _removed(self, done: Done | None) -> None:
        if done is None:
            return
        self.can_undo(tuple(map(str, done.tops)))
        self.table.clear_marks()
        count = plural(len(done.removed.ids), "image")
        self.plashui.tell(
            f"Moved {count} ({size(done.removed.bytes)}) to the trash - {self._keys()}"
        )
        self.reread()

    def _keys(self) -> str:
        key = self.plashui.key
        return f"{key('undo')} undo, {key('trash')} trash"

    def discard_changes(self, changes: Kept) -> None:
        """In a thread: move unsaved changes to the trash."""
        from plashui.store.saved_changes import discard

        discard(self.store, changes.place)
        self.app.call_from_thread(self._discarded, changes)

    def _discarded(self, changes: Kept) -> None:
        self.can_undo((changes.name,))
        self.plashui.tell(
            f"Changes of image {changes.image} discarded - {self._keys()}"
        )
        self.look_again(changes.image)

    def action_undo(self) -> None:
        """Bring back what was removed or discarded last."""
        if self.refused():
            return
        last = self._removals[-1] if self._removals else ()
        self._removals = self._removals[:-1]
        self.run_worker(
            partial(self._restore, last), thread=True, group="undo", exit_on_error=False
        )

    def _restore(self, removed: tuple[str, ...]) -> None:
        """In a thread: restore these, or what is newest in the trash."""
        from plashui.ui.model.trash_entries import newest_in_trash, restore_words

        try:
            with self._undoing:  # pressed twice, the second is of what is left then
                chosen = removed or newest_in_trash(self.store)
                if not chosen:
                    words = "Nothing to undo: the trash is empty"
                    self.app.call_from_thread(self.plashui.tell, words)
                    return
                said, image = restore_words(self.store, chosen)
        except (PlashError, OSError) as error:
            self.app.call_from_thread(self.plashui.fail, error)
            return
        self.app.call_from_thread(self.plashui.tell, said)
        self.app.call_from_thread(self.reread, image)

    def action_trash(self) -> None:
        """The trash."""
        from plashui.ui.screens.trash import TrashScreen

        self.app.push_screen(TrashScreen(self.store, self.start_job))
