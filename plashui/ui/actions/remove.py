"""Actions that remove images, and open the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.base.units import plural, size
from plashui.ui.actions.family import ActionFamily
from plashui.ui.model import undo

if TYPE_CHECKING:
    from plashui.store.changes.saved_changes import Kept
    from plashui.ui.dialogs.removals.base import Done
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class RemoveActions(ActionFamily):
    """Move images and unsaved changes to the trash."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Remove what is chosen in `view`; `reader` shows the result."""
        super().__init__(view)
        self.reader, self.jobs = reader, jobs

    def remove(self) -> None:
        """Preview the removal of the marked images, else the one under the cursor."""
        view = self.view
        changes = view.changes
        if changes is not None and not view.marked and not view.refused():
            view.in_thread(self.discard_changes, changes)
            return
        if view.refused() or (not view.chosen and view.image_or_tell() is None):
            return
        from plashui.ui.dialogs.removals.removal import RemovalScreen

        screen = RemovalScreen(view.store, view.forest, view.tops)
        view.ask(screen, self.removed)

    def removed(self, done: Done | None) -> None:
        """Report what was moved to the trash, if anything was."""
        if done is None:
            return
        count = plural(len(done.removed.ids), "image")
        words = f"Remove {count} ({size(done.removed.bytes)})"
        self.view.journal.note(undo.removed(tuple(map(str, done.tops)), words))
        self.view.clear_marks()
        self.host.tell(
            f"Moved {count} ({size(done.removed.bytes)}) to the trash - {self._keys()}"
        )
        self.reader.reread()

    def _keys(self) -> str:
        key = self.host.key
        return f"{key('undo')} undo, {key('trash')} trash"

    def discard_changes(self, changes: Kept) -> None:
        """Move unsaved changes to the trash, in a thread."""
        from plashui.store.changes.saved_changes import discard

        discard(self.view.store, changes.place)
        self.view.on_loop(self._discarded, changes)

    def _discarded(self, changes: Kept) -> None:
        words = f"Discard changes of image {changes.image}"
        self.view.journal.note(undo.removed((changes.name,), words))
        self.host.tell(f"Changes of image {changes.image} discarded - {self._keys()}")
        self.reader.look_again(changes.image)

    def trash(self) -> None:
        """Show the trash."""
        from plashui.ui.screens.trash import TrashScreen

        self.view.ask(TrashScreen(self.view.store, self.jobs.start))
