"""Read the packages of the images on the screen, if the tree has a column for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store
from plashui.ui.model.messages import Packaged
from plashui.ui.store_view.view import StoreView


class PackageReader:
    """Read one image after the other, in a thread, as rows of them are drawn."""

    def __init__(self, view: StoreView) -> None:
        """Read images of the store of this view."""
        self._view = view
        self._reading = Cancel()

    def stop(self) -> None:
        """Stop reading: other rows are drawn, or the app quits."""
        self._reading.set()

    def read(self, images: Iterable[int]) -> None:
        """Read these images, which are on the screen now; forget those before."""
        self.stop()
        self._reading = Cancel()
        read = partial(self._read, self._view.store, tuple(images), self._reading)
        self._view.in_worker(read, "packages")

    def _read(self, store: Store, images: tuple[int, ...], cancel: Cancel) -> None:
        """Post what each image has, in a thread."""
        from plashui.image.packages.known import known

        for image in images:
            found: tuple[int, int] | None = None
            try:
                cancel.check()
                seen = known(store, image, cancel=cancel)
                if seen.packages or not seen.troubles:
                    found = (len(seen.packages), seen.packed)
            except (PlashError, OSError):
                if cancel.is_set():
                    return
            self._view.screen.post_message(Packaged(image, found, store.root))

    def got(self, event: Packaged) -> None:
        """Show what was read."""
        view = self._view
        if view.is_about(event.root):
            facts = view.table.facts
            known = {**facts.packages, event.image: event.packages}
            view.table.tell(facts._replace(packages=known))
