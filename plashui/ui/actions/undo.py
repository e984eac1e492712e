"""Actions that undo what was done, the last or any of it."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActionFamily
from plashui.ui.model import undo

if TYPE_CHECKING:
    from plashui.ui.model.undo import Deed
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class UndoActions(ActionFamily):
    """Undo removals, names, pins and notes, of which the view has a journal."""

    _undoing = threading.Lock()

    def __init__(self, view: StoreView, reader: StoreReader) -> None:
        """Undo what was done in `view`; `reader` shows the result."""
        super().__init__(view)
        self.reader = reader

    def undo(self) -> None:
        """Undo what was done last."""
        if not self.view.refused():
            self._undo(self.view.journal.take())

    def _undo(self, deed: Deed | None) -> None:
        self.view.in_worker(partial(self._take_back, deed), "undo")

    def _take_back(self, deed: Deed | None) -> None:
        """Undo this, or restore the newest of the trash. Runs in a thread."""
        from plashui.ui.model.trash_entries import newest_in_trash

        store = self.view.store
        try:
            with self._undoing:  # a second press restores what is left after the first
                if deed is None:
                    newest = newest_in_trash(store)
                    if not newest:
                        words = "Nothing to undo: the trash is empty"
                        self.view.on_loop(self.host.tell, words)
                        return
                    deed = undo.removed(newest, "")
                said, image = deed.undo(store)
        except (PlashError, OSError) as error:
            self.view.on_loop(self.host.fail, error)
            return
        self.view.on_loop(self.host.tell, said)
        self.view.on_loop(self.reader.reread, image)

    def history(self) -> None:
        """List what can be undone; undo the chosen deed."""
        from plashui.ui.dialogs.menu import Entry, Menu

        deeds = list(reversed(self.view.journal.deeds))
        entries = [Entry(str(at), deed.words) for at, deed in enumerate(deeds)]

        def chosen(answer: str | None) -> None:
            if answer is not None and not self.view.refused():
                self._undo(self.view.journal.take(deeds[int(answer)]))

        title = "Undo: latest first, enter undoes one"
        self.view.ask(Menu(title, entries, nothing="Nothing was done yet."), chosen)
