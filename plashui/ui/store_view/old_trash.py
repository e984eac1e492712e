"""Tell the user about old entries in the trash."""

from __future__ import annotations

from functools import partial

from plashui.base.errors import PlashError
from plashui.base.units import age, plural, size
from plashui.store.store import Store
from plashui.ui.store_view.view import StoreView


class OldTrash:
    """Look at the trash once whenever a store is shown."""

    def __init__(self, view: StoreView) -> None:
        """Look at the trash of the store of this view."""
        self._view = view

    def look(self) -> None:
        """Notify if entries are older than the configured age."""
        host = self._view.host
        wanted = host.config.trash_age
        if wanted is not None and not host.read_only:
            look = partial(self._look, self._view.store, wanted)
            self._view.in_worker(look, "old trash", exclusive=True)

    def _look(self, store: Store, older: float) -> None:
        """Read the trash and notify, in a thread."""
        from plashui.store.trash.listing import trashed

        try:
            found = trashed(store, older=older)
        except (PlashError, OSError):
            return  # the trash page reports the error
        if not found:
            return
        host = self._view.host
        bytes_ = sum(entry.bytes.bytes for entry in found)
        about = "" if all(entry.bytes.known for entry in found) else "more than "
        have = "has" if len(found) == 1 else "have"
        words = (
            f"{plural(len(found), 'removal')} ({about}{size(bytes_)}) {have} been in "
            f"the trash for more than {age(older)} - {host.key('trash')} shows the "
            "trash, o there deletes what is old"
        )
        self._view.on_loop(host.tell, words)
