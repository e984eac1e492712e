"""Tells of what is in the trash for longer than the config wants it."""

from __future__ import annotations

from functools import partial

from plashui.base.errors import PlashError
from plashui.base.units import age, plural, size
from plashui.store.store import Store
from plashui.ui.store_view.view import StoreView


class OldTrash:
    """Looks at the trash whenever a store is shown."""

    def __init__(self, view: StoreView) -> None:
        """Look at the trash of the store of this view."""
        self._view = view

    def look(self) -> None:
        """Say if something is there for longer than the config wants it."""
        host = self._view.host
        wanted = host.config.trash_age
        if wanted is not None and not host.read_only:
            look = partial(self._look, self._view.store, wanted)
            self._view.in_worker(look, "old trash", exclusive=True)

    def _look(self, store: Store, older: float) -> None:
        """In a thread."""
        from plashui.store.trash import trashed

        try:
            found = trashed(store, older=older)
        except (PlashError, OSError):
            return  # whoever looks at the trash is told
        if not found:
            return
        host = self._view.host
        bytes_ = sum(entry.bytes.bytes for entry in found)
        about = "" if all(entry.bytes.known for entry in found) else "more than "
        are = "is" if len(found) == 1 else "are"
        words = (
            f"{plural(len(found), 'removal')}, {about}{size(bytes_)}, {are} in the "
            f"trash for more than {age(older)}. {host.key('trash')} shows it; "
            "there o frees what is so old."
        )
        self._view.on_loop(host.tell, words)
