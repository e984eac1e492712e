"""Follow the store: changes by other programs, and which images are in use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.timer import Timer
from textual.worker import WorkType

from plashui.base.errors import Holder, PlashError
from plashui.base.progress import Cancel
from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.store.store import Store
from plashui.ui.model.messages import Systems, Told, Totals
from plashui.ui.store_view.describer import Describer
from plashui.ui.store_view.footer import Footer
from plashui.ui.store_view.summary import Summary
from plashui.ui.store_view.view import StoreView
from plashui.ui.widgets.tree_table import TreeTable

if TYPE_CHECKING:
    from plashui.store.changes.saved_changes import Kept, Known
    from plashui.store.df import DiskUse

BETWEEN: Final = 2.0
"""Seconds between two looks at who is in the images, however much begins and ends."""


MOST_WATCHED: Final = 64
"""Processes of the image under the cursor whose end is noticed."""


def worth_watching(found: Iterable[Holder], image: int | None) -> frozenset[int]:
    """Return the processes whose end changes what is shown.

    Those are all of the image whose details are shown, and of each other one the
    oldest: it probably ends last. An image that is only mounted has the entry 0.
    """
    every = list(found)
    own = [one.pid for one in every if one.image == image and one.pid]
    return eldest(every) | frozenset(own[:MOST_WATCHED])


def eldest(found: Iterable[Holder]) -> frozenset[int]:
    """Return one process of each image in use, the oldest of each."""
    pids: dict[int, int] = {}
    for holder in found:
        before = pids.get(holder.image) or holder.pid
        pids[holder.image] = min(holder.pid or before, before)
    return frozenset(pids.values())


class _Watch:
    """The state of watching one store; discarded when another is shown."""

    def __init__(self) -> None:
        """Start without anything known."""
        self.stop = asyncio.Event()
        self.leaving = Cancel()
        self.watching = False
        self.finding = False
        """Whether it is being found out what distributions there are."""
        self.weights: Known = {}
        """The sizes of unsaved changes that were counted already."""
        self.beside: tuple[Size, Size] | None = None
        """The bytes of trash and unsaved changes when the whole store was counted."""
        self.look_soon: Timer | None = None


class StoreWatcher:
    """Notice when the store changes or is used, without polling."""

    def __init__(
        self, view: StoreView, summary: Summary, footer: Footer, describer: Describer
    ) -> None:
        """Watch the store of `view`; the other objects show what is found."""
        self._view, self._summary = view, summary
        self._footer, self._describer = footer, describer
        self._looked = float("-inf")
        self._last: tuple[Size, Size] | None = None
        """The bytes of trash and of unsaved changes, as last posted."""
        self._watch = _Watch()
        self._pids: frozenset[int] = frozenset()

    @property
    def watching(self) -> bool:
        """Whether the store is being watched."""
        return self._watch.watching

    def begin(self) -> None:
        """Start with the store that is shown."""
        self._watch, self._last = _Watch(), None

    def stop(self) -> None:
        """Let every worker end soon."""
        watch = self._watch
        watch.stop.set()
        watch.leaving.set()
        if watch.look_soon is not None:
            watch.look_soon.stop()

    # -- what changes in the store --------------------------------------------

    def follow(self, changed: Callable[[], None]) -> None:
        """Watch the store even before it exists; call `changed` after changes."""
        watch = self._watch
        if not watch.watching and not watch.stop.is_set():
            watch.watching = True
            follow: WorkType[None] = partial(self._follow, watch, changed)
            self._view.screen.run_worker(follow, group="watch", exit_on_error=False)

    async def _follow(self, watch: _Watch, changed: Callable[[], None]) -> None:
        from plashui.store.watch import changes

        try:
            async for more in changes(self._view.store, watch.stop):
                if more:
                    changed()
                else:
                    self._look_again()
        except (PlashError, OSError, RuntimeError) as error:
            self._view.host.fail(error)
        finally:
            watch.watching = False

    # -- who is in the images -------------------------------------------------

    def _look_again(self) -> None:
        """Look at who uses the images, at once if the last look is long ago."""
        watch = self._watch
        if watch.look_soon is None and not watch.stop.is_set():
            wait = max(0.05, self._looked + BETWEEN - time.monotonic())
            watch.look_soon = self._view.screen.set_timer(wait, self._look_now)

    def _look_now(self) -> None:
        watch = self._watch
        watch.look_soon = None
        if not watch.stop.is_set():
            look = partial(self.look_around, self._view.store)
            self._view.in_worker(look, "look")

    def look_around(self, store: Store) -> None:
        """Read trash, disk, unsaved changes and use of images, in a thread."""
        from plashui.processes.holders import others
        from plashui.store.changes.saved_changes import kept, unsaved
        from plashui.store.marks import last_used, notes

        self._looked = time.monotonic()
        with suppress(PlashError, OSError):
            waiting = kept(store)
            self._post_totals(store, Size(0, not waiting))
            found = others(store.path)
            changes = unsaved(store, self._watch.weights) if waiting else []
            by_image: dict[int, tuple[Kept, ...]] = {}
            for one in changes:
                by_image[one.image] = (*by_image.get(one.image, ()), one)
            in_use = frozenset(holder.image for holder in found)
            facts = Facts(
                time.time(),
                last_used(store),
                in_use,
                unsaved=by_image,
                notes=notes(store),
            )
            pids = worth_watching(found, self._view.details.image)
            told = Told(facts, store.root, pids)
            self._view.screen.post_message(told)
            if changes:
                taken = sum(one.bytes or 0 for one in changes)
                self._post_totals(store, Size(taken, True))
            watch, images = self._watch, self._view.forest.total()
            if images.known and watch.beside not in (None, self._last):
                self.count_all(store, images)

    def count_all(self, store: Store, images: Size) -> None:
        """Count the whole store, whose layers take so many bytes, in a thread."""
        from plashui.store.df import disk_use_beside

        with suppress(PlashError, OSError):
            if images.known and self._last is not None:
                self._watch.beside = self._last
                use = disk_use_beside(store, images.bytes)
                self._post_totals(store, self._last[1], use)

    def _post_totals(
        self, store: Store, unsaved: Size, use: DiskUse | None = None
    ) -> None:
        """Post the totals, in a thread."""
        from plashui.store.changes.saved_changes import discarded
        from plashui.store.trash.listing import trashed

        disk = store.disk()
        sizes = [entry.bytes for entry in trashed(store)]
        for one in discarded(store):
            sizes.append(Size(one.bytes or 0, one.bytes is not None))
        trash = Size(sum(size.bytes for size in sizes), all(s.known for s in sizes))
        self._last = trash, unsaved
        totals = Totals(trash, unsaved, disk.total, disk.free, store.root, use)
        self._view.screen.post_message(totals)

    def got_totals(self, event: Totals) -> None:
        """Show the totals."""
        if self._view.is_about(event.root):
            self._summary.take(event)
            self._summary.show()
            self._footer.show()

    def got_facts(self, event: Told) -> None:
        """Show who uses the images; look again when that may have ended."""
        if not self._view.is_about(event.root):
            return
        view = self._view
        old, image = view.table.facts, view.image
        new = event.facts._replace(systems=old.systems, packages=old.packages)
        view.table.tell(new)
        view.redraw_map()
        changed, self._pids = self._pids != event.pids, event.pids
        if image is not None and (
            (changed and image in old.in_use)
            or (image in old.in_use) != (image in new.in_use)
            or old.used.get(image) != new.used.get(image)
        ):
            self._describer.show(again=True)
        wait: WorkType[None] = partial(self._await_end, event.pids)
        view.screen.run_worker(wait, exclusive=True, group="ends", exit_on_error=False)

    async def _await_end(self, pids: Iterable[int]) -> None:
        from plashui.store.watch import first_end

        if pids and await first_end(pids, self._watch.stop):
            self._look_again()

    # -- which distributions there are ----------------------------------------

    def ask_for_systems(self) -> None:
        """Find out the distributions if the filter needs them."""
        watch, view = self._watch, self._view
        if watch.finding:
            return  # its result leads here again
        images = view.table.unknown_systems()
        if images:
            watch.finding = True
            find = partial(
                self._find_systems, view.store, view.forest, images, watch.leaving
            )
            view.in_worker(find, "systems")

    def _find_systems(
        self, store: Store, forest: Forest, images: list[int], cancel: Cancel
    ) -> None:
        """Find out the distributions, in a thread."""
        from plashui.image.os_release import distributions

        with suppress(PlashError):
            found = distributions(store, forest, images, cancel)
            self._view.screen.post_message(Systems(found, store.root))

    def got_systems(self, event: Systems) -> None:
        """Filter by the distributions; look up those of new images."""
        if not self._view.is_about(event.root):
            return
        self._watch.finding = False
        table = self._view.table
        known = {**table.facts.systems, **event.systems}
        table.tell(table.facts._replace(systems=known))
        self._view.screen.post_message(TreeTable.Changed())
