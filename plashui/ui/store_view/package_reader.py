"""Read the packages of the images on the screen, if the tree has a column for them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from threading import Lock

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store
from plashui.ui.model.messages import Packaged
from plashui.ui.store_view.view import StoreView


class _Reading:
    """Images of a store that wait to be read by one thread."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.waiting: list[int] = []
        self.cancel = Cancel()
        self._lock = Lock()
        self._going_on = False

    def begins(self, images: Iterable[int]) -> bool:
        """Let these images wait; return whether a thread has to begin."""
        with self._lock:
            self.waiting = list(images)
            begins, self._going_on = not self._going_on, True
            return begins

    def next(self) -> int | None:
        """Return the next image; None, once, if none is left."""
        with self._lock:
            if self.waiting and not self.cancel.is_set():
                return self.waiting.pop(0)
            self._going_on = False
            return None


class PackageReader:
    """Read one image after the other, in a thread, as rows of them are drawn."""

    def __init__(self, view: StoreView) -> None:
        """Read images of the store of this view."""
        self._view = view
        self._reading = _Reading(view.store)

    def stop(self) -> None:
        """Stop reading: another store is shown, or the app quits."""
        self._reading.cancel.set()

    def read(self, images: Iterable[int]) -> None:
        """Read these images, which are on the screen now, instead of those before."""
        if self._reading.store is not self._view.store:
            self.stop()
            self._reading = _Reading(self._view.store)
        if self._reading.begins(images):
            read = partial(self._read, self._reading)
            self._view.in_worker(read, "packages")

    def _read(self, reading: _Reading) -> None:
        """Post what each image has, in a thread."""
        from plashui.image.packages.known import known

        store, cancel = reading.store, reading.cancel
        while (image := reading.next()) is not None:
            found: tuple[int, int] | None = None
            with suppress(PlashError, OSError):
                seen = known(store, image, cancel=cancel)
                if seen.packages or not seen.troubles:
                    found = (len(seen.packages), seen.packed)
            if not cancel.is_set():
                self._view.screen.post_message(Packaged(image, found, store.root))

    def got(self, event: Packaged) -> None:
        """Show what was read."""
        view = self._view
        if view.is_about(event.root):
            facts = view.table.facts
            known = {**facts.packages, event.image: event.packages}
            view.table.tell(facts._replace(packages=known))
