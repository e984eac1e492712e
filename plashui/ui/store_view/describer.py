"""Find out what the details show about the image under the cursor."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

from textual.timer import Timer

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.model.forest import Forest
from plashui.store.store import Store
from plashui.ui.model.messages import Described, Listed, Weighed
from plashui.ui.store_view.view import StoreView

REST: Final = 0.2
"""Seconds the cursor rests on an image before its files are read."""


MANY: Final = 60_000
"""Files of a layer from which on its directories are not looked through."""

KEPT: Final = 500
"""Layers whose largest directories are remembered."""


class Describer:
    """Read what there is to say about an image, and pass it to the details."""

    def __init__(self, view: StoreView) -> None:
        """Describe the image under the cursor of this view."""
        self._view = view
        self._looking = Cancel()
        self._resting: Timer | None = None
        self._biggest: dict[tuple[str, int], tuple[tuple[str, int], ...]] = {}
        """The largest directories of layers, which never change, by store and id."""

    def stop(self) -> None:
        """Stop reading: another store is shown, or the app quits."""
        self._looking.set()
        self._rest()

    def show(self, *, again: bool = False) -> None:
        """Update the details; read the image's files once the cursor rests.

        With `again`, read them even if they were read before.
        """
        view, details = self._view, self._view.details
        image = view.image
        new = image != details.image
        marked = frozenset(view.table.marks)
        steps = self._steps(image)
        again = again or steps != details.steps
        details.show(
            view.forest,
            image,
            marked=marked,
            root=view.store.root,
            hue=view.shares.hues.of(image) if image is not None else 0,
            steps=steps,
        )
        self._rest()
        known = details.image == image and details.has_facts
        if image is not None and details.display and (new or again or not known):
            look = partial(self.look_into, image)
            self._resting = view.screen.set_timer(REST, look)

    def refold(self) -> None:
        """Update the details if the row under the cursor was folded or marked."""
        details = self._view.details
        if details.image is None:
            return
        steps = self._steps(details.image)
        marked = frozenset(self._view.table.marks)
        if (steps, marked) != (details.steps, details.marked):
            self.show()

    def _steps(self, image: int | None) -> tuple[int, ...]:
        """Return the steps of a build that the row of an image stands for, too."""
        view = self._view
        if image is None or view.usage_map is not None:
            return ()
        return view.table.folds.steps.get(image, ())

    def switch(self) -> None:
        """Show or hide the details; from full-screen details, return to the images."""
        if not self._view.leave_page():
            self._view.switch_details()
            self._view.after_refresh(self.show)

    def turn_to(self, number: int) -> None:
        """Show this tab of the details; show the details if they are hidden."""
        if not self._view.details.display:
            self.switch()
        self._view.details.turn_to(number)

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def look_into(self, image: int) -> None:
        """Read what the files and notes of an image say."""
        self._resting = None
        self._looking.set()
        self._looking = Cancel()
        first = (*self._steps(image), image)[0]
        look = partial(self._look_into, image, first, self._looking)
        self._view.in_worker(look, "describe", exclusive=True)

    def _look_into(self, image: int, first: int, cancel: Cancel) -> None:
        """Count the notes of an image and read its files, in a thread.

        `first` is the first step of its build, or itself: what a removal begins with.
        """
        from plashui.image.inspection import describe
        from plashui.model.forest import paths_below
        from plashui.processes.holders import others
        from plashui.store.disk_usage import beside
        from plashui.ui.model.details.describe import facts_of

        post = self._view.screen.post_message
        store, forest = self._view.store, self._view.forest
        with suppress(PlashError, KeyError):
            nodes = paths_below(forest, first).values()
            weight = beside(store, nodes, cancel)
            post(Weighed(image, weight, store.root))

        facts: dict[str, str] = {}
        with suppress(PlashError, OSError, KeyError):
            about = describe(store, forest, image)
            used = [h for h in others(store.path) if h.image == image]
            facts = facts_of(about, used)
        post(Described(image, facts, store.root))

        self._list(store, forest, image, cancel)

    def _list(self, store: Store, forest: Forest, image: int, cancel: Cancel) -> None:
        """Find the largest directories of a layer, in a thread; remember them."""
        from plashui.helper.listing import list_tree
        from plashui.ui.model.details.biggest import biggest

        own = forest.images[image].own if image in forest else None
        known = (store.root, image)
        if own is None or own.files > MANY or cancel.is_set():
            return
        with suppress(PlashError, OSError):
            if known not in self._biggest:
                if len(self._biggest) > KEPT:
                    self._biggest.clear()
                entries = list_tree(store.root, image, layer=True, cancel=cancel)
                self._biggest[known] = biggest(entries)
            found = Listed(image, self._biggest[known], store.root)
            self._view.screen.post_message(found)

    def listed(self, event: Listed) -> None:
        """Show the largest directories, if the cursor is still on the image."""
        view = self._view
        if view.is_about(event.root) and event.image == view.image:
            view.details.show(view.forest, event.image, biggest=event.biggest)

    def described(self, event: Described) -> None:
        """Show what was read, if the cursor is still on the image."""
        view = self._view
        if view.is_about(event.root) and event.image == view.image:
            view.details.show(view.forest, event.image, event.facts)

    def weighed(self, event: Weighed) -> None:
        """Show the bytes counted, if the cursor is still on the image."""
        view = self._view
        if view.is_about(event.root) and event.image == view.image:
            view.details.show(view.forest, event.image, beside=event.beside)
