"""How the main screen follows the store: what others change there, and who is in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.timer import Timer
from textual.worker import WorkType

from plashui.base.errors import Holder, PlashError
from plashui.base.progress import Cancel
from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.store.store import Store
from plashui.ui.model.messages import Systems, Told, Totals
from plashui.ui.store_view.view import ViewingScreen
from plashui.ui.widgets.tree_table import TreeTable
from plashui.ui.widgets.worker_errors import Minding

if TYPE_CHECKING:
    from plashui.store.saved_changes import Kept, Known

BETWEEN: Final = 2.0
"""Seconds between two looks at who is in the images, however much begins and ends."""

AGEING: Final = 60.0
"""Seconds after which ages are drawn anew; in the first hour they are in minutes."""


def eldest(found: Iterable[Holder]) -> frozenset[int]:
    """One process of each image that is in use, likely the one that ends last.

    While it is there the image is in use, whatever comes and goes beside it. What only
    is mounted has no process, which is 0.
    """
    pids: dict[int, int] = {}
    for holder in found:
        before = pids.get(holder.image) or holder.pid
        pids[holder.image] = min(holder.pid or before, before)
    return frozenset(pids.values())


class FollowingScreen(ViewingScreen, Minding):
    """A screen that hears of it when the store changes or is used; no polling."""

    watching = False
    """Whether the store is being watched."""

    _stop: asyncio.Event
    _leaving: Cancel
    _finding: Store | None = None
    """The store in which it is being found out what distributions there are."""

    _totals: Totals | None = None
    _weights: Known
    """The sizes of unsaved changes that were counted already."""
    _looked = float("-inf")
    _look_soon: Timer | None = None

    def reread(self, reveal: int | None = None) -> None:
        """Read the store again, and put the cursor on `reveal`."""
        raise NotImplementedError

    def show_totals(self) -> None:
        """Draw the top line anew."""
        raise NotImplementedError

    def show_details(self, *, again: bool = False) -> None:
        """Draw the details anew; with `again`, look into the image anew."""
        raise NotImplementedError

    def redraw_map(self) -> None:
        """Draw the map anew, if it is on show."""
        if self.usage_map is not None:
            self.usage_map.show(self.table.forest, self.table.facts)

    def grow_older(self) -> None:
        """Draw anew what goes by ages."""
        self.table.grow_older()
        self.redraw_map()

    # -- what changes in the store --------------------------------------------

    def watch_store(self) -> None:
        """Follow the store, be it there already or not."""
        if not self.watching and not self._stop.is_set():
            self.watching = True
            follow: WorkType[None] = self._follow_store
            self.run_worker(follow, group="watch", exit_on_error=False)

    async def _follow_store(self) -> None:
        from plashui.store.watch import changes

        stop = self._stop
        try:
            async for more in changes(self.store, stop):
                if more:
                    self.reread()
                else:
                    self._look_again()
        except (PlashError, OSError, RuntimeError) as error:
            self.plashui.fail(error)
        finally:
            if stop is self._stop:  # else another store is watched by now
                self.watching = False

    # -- who is in the images -------------------------------------------------

    def _look_again(self) -> None:
        """Find out anew who is in the images, at once if that was long ago."""
        if self._look_soon is None and not self._stop.is_set():
            wait = self._looked + BETWEEN - time.monotonic()
            self._look_soon = self.set_timer(max(0.05, wait), self._look_now)

    def _look_now(self) -> None:
        self._look_soon = None
        if not self._stop.is_set():
            look = partial(self.look_around, self.store)
            self.run_worker(look, thread=True, group="look", exit_on_error=False)

    def look_around(self, store: Store) -> None:
        """In a thread: trash, disk, unsaved changes, who is or was in the images."""
        from plashui.processes.holders import holders
        from plashui.store.marks import last_used
        from plashui.store.saved_changes import kept, unsaved

        self._looked = time.monotonic()
        with suppress(PlashError, OSError):
            waiting = kept(store)
            self._post_totals(store, Size(0, not waiting))
            found = holders(store.path)
            changes = unsaved(store, self._weights) if waiting else []
            by_image: dict[int, tuple[Kept, ...]] = {}
            for one in changes:
                by_image[one.image] = (*by_image.get(one.image, ()), one)
            in_use = frozenset(holder.image for holder in found)
            facts = Facts(time.time(), last_used(store), in_use, unsaved=by_image)
            self.post_message(Told(facts, store.root, eldest(found)))
            if changes:
                taken = sum(one.bytes or 0 for one in changes)
                self._post_totals(store, Size(taken, True))

    def _post_totals(self, store: Store, unsaved: Size) -> None:
        """In a thread."""
        from plashui.store.saved_changes import discarded
        from plashui.store.trash import trashed

        disk = store.disk()
        sizes = [entry.bytes for entry in trashed(store)]
        for one in discarded(store):
            sizes.append(Size(one.bytes or 0, one.bytes is not None))
        trash = Size(sum(size.bytes for size in sizes), all(s.known for s in sizes))
        self.post_message(Totals(trash, unsaved, disk.total, disk.free, store.root))

    @on(Totals)
    def got_totals(self, event: Totals) -> None:
        """Show them."""
        if event.root in (None, self.store.root):
            self._totals = event
            self.show_totals()
            self.show_keys()

    @on(Told)
    def got_facts(self, event: Told) -> None:
        """Show them; look again when that may have ended."""
        if event.root not in (None, self.store.root):
            return
        old, image = self.table.facts, self.image
        new = event.facts._replace(systems=old.systems)
        self.table.tell(new)
        self.redraw_map()
        if image is not None and (
            (image in old.in_use) != (image in new.in_use)
            or old.used.get(image) != new.used.get(image)
        ):
            self.show_details(again=True)
        wait: WorkType[None] = partial(self._await_end, event.pids)
        self.run_worker(wait, exclusive=True, group="ends", exit_on_error=False)

    def ask_for_systems(self) -> None:
        """Find out which distributions there are, if the filter asks for them."""
        if self._finding is self.store:
            return  # what it tells leads here again
        images = self.table.unknown_systems()
        if images:
            self._finding = self.store
            find = partial(
                self._find_systems, self.store, self.table.forest, images, self._leaving
            )
            self.run_worker(find, thread=True, group="systems", exit_on_error=False)

    def _find_systems(
        self, store: Store, forest: Forest, images: list[int], cancel: Cancel
    ) -> None:
        """In a thread."""
        from plashui.image.os_release import distributions

        with suppress(PlashError):
            found = distributions(store, forest, images, cancel)
            self.post_message(Systems(found, store.root))

    @on(Systems)
    def got_systems(self, event: Systems) -> None:
        """Filter by them; there may be new images by now."""
        if event.root not in (None, self.store.root):
            return
        self._finding = None
        facts = self.table.facts
        known = {**facts.systems, **event.systems}
        self.table.tell(facts._replace(systems=known))
        self.post_message(TreeTable.Changed())

    async def _await_end(self, pids: Iterable[int]) -> None:
        from plashui.store.watch import first_end

        if pids and await first_end(pids, self._stop):
            self._look_again()
