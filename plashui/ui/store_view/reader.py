"""Read the store and count its layers, in workers."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import Final

from textual.timer import Timer

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.model.forest import Forest, Size
from plashui.store.preview import glance
from plashui.store.store import Store
from plashui.ui.model.images.shares import Shares
from plashui.ui.model.messages import Sized, StoreRead
from plashui.ui.model.undo import Journal
from plashui.ui.platform.gc_tuning import seek_seldom
from plashui.ui.platform.terminal import window_title
from plashui.ui.store_view.describer import Describer
from plashui.ui.store_view.filter_field import FilterField
from plashui.ui.store_view.footer import Footer
from plashui.ui.store_view.sharer import Sharer
from plashui.ui.store_view.summary import Summary
from plashui.ui.store_view.view import StoreView
from plashui.ui.store_view.watcher import StoreWatcher

OFTEN: Final = 0.3
"""Seconds between two looks at a count that is under way."""

BIG: Final = 20_000
"""Images from which on the memory that reading them took is worth giving back."""

AGEING: Final = 60.0
"""Seconds after which ages are drawn anew; in the first hour they are in minutes."""


class StoreReader:
    """Read and count the store; show changes a moment after they happen."""

    def __init__(
        self,
        view: StoreView,
        summary: Summary,
        field: FilterField,
        footer: Footer,
        describer: Describer,
        watcher: StoreWatcher,
    ) -> None:
        """Read the store of `view`; the other objects show what is found."""
        self._view, self._summary, self._field = view, summary, field
        self._footer, self._describer, self._watcher = footer, describer, watcher
        self._ageing: Timer | None = None
        self._count = 0
        """How often counting began, in whatever store."""
        self._counting = Cancel()
        self._reveal: int | None = None
        self._tidying: Timer | None = None
        self._sharer = Sharer()

    def show_store(self, store: Store) -> None:
        """Show another store and forget everything about the last one."""
        view, host = self._view, self._view.host
        self._field.forget()
        view.journal = Journal()
        self.stop()
        host.store = store
        view.table.forget()
        view.details.show(Forest({}), None, marked=frozenset())
        if host.to_terminal is not None:
            host.to_terminal(window_title(host.window_name()))
        self.begin()

    def begin(self) -> None:
        """Show the first screen of the store at once, then start all workers."""
        view = self._view
        self._watcher.begin()
        self._summary.forget()
        self._count += 1  # ignore the count of the last store
        self._reveal, self._tidying = None, None
        if self._ageing is None:
            self._ageing = view.screen.set_interval(AGEING, view.grow_older)
        try:
            seen = glance(view.store)
            self._summary.glance = None if seen.whole else seen
            shares = self._sharer.of(view.store, seen.forest)
            self._take(seen.forest, shares, top_of=0 if seen.whole else seen.greatest)
        except (PlashError, OSError) as error:
            self._take(Forest({}), Shares(), trouble=str(error))
            view.host.fail(error)
        if self._summary.glance is None:
            view.screen.call_after_refresh(self._begin_workers)
        else:  # the first paint is under way; reading a big store would delay it
            view.screen.set_timer(0.05, self._begin_workers)

    def _begin_workers(self) -> None:
        seek_seldom()
        if self._summary.glance is not None:
            self.reread()
        else:
            self._recount()
        self._watcher.follow(self.reread)
        self._view.in_worker(self._sweep, "sweep")

    def stop(self) -> None:
        """Let every worker end soon: the app quits or shows another store."""
        self._watcher.stop()
        self._describer.stop()
        self._counting.set()

    @property
    def begun(self) -> bool:
        """Whether a store is shown."""
        return self._ageing is not None

    # -- reading --------------------------------------------------------------

    def reread(self, reveal: int | None = None) -> None:
        """Read the store again, and put the cursor on `reveal`."""
        if reveal is not None:
            self._reveal = reveal
        self._view.in_worker(self._read, "read", exclusive=True)

    def look_again(self, image: int) -> None:
        """Read the store and the notes of an image again after a change."""
        self.reread()
        if image == self._view.image:
            self._describer.look_into(image)

    def _read(self) -> None:
        """Read the store, in a thread."""
        from plashui.base.malloc import apart

        store = self._view.store
        if self._summary.glance is not None:  # the store is big
            apart()
        try:
            forest = store.read()
            forest.total()
            forest.steps()
            forest.links()
            shares = self._sharer.of(store, forest)
            self._view.screen.post_message(StoreRead(forest, store.root, shares))
        except (PlashError, OSError) as error:
            self._view.on_loop(self._view.host.fail, error)

    def store_read(self, event: StoreRead) -> None:
        """Show the store, and count new layers."""
        view = self._view
        if not view.is_about(event.root):
            return
        self._summary.glance = None
        self._take(event.forest, event.shares)
        if self._reveal is not None and self._reveal in event.forest:
            view.table.reveal(self._reveal)
            self._reveal = None
        self._tidy(event.forest)
        self._recount()
        self._watcher.follow(self.reread)

    def _take(
        self, forest: Forest, shares: Shares, *, top_of: int = 0, trouble: str = ""
    ) -> None:
        view, screen, empty = self._view, self._view.screen, not len(forest)
        self._summary.unseen = bool(trouble)
        if empty:
            view.leave_map()
            self._greet(trouble)
        else:
            screen.query("Greeting").remove()
        screen.set_class(empty, "-empty")
        view.take_shares(shares)
        view.table.show(forest, top_of=top_of)
        view.redraw_map()
        if not empty:
            screen.call_after_refresh(self._focus_if_free)
        self._summary.show()
        self._footer.show()
        self._describer.show(again=True)

    def _greet(self, trouble: str) -> None:
        """Show a greeting instead of an empty store, or why it could not be read."""
        from plashui.ui.widgets.greeting import Greeting

        screen, key = self._view.screen, self._view.host.key
        if not screen.query(Greeting):
            screen.query_one("#left").mount(Greeting(key))
        for greeting in screen.query(Greeting):
            greeting.tell(trouble)

    def _focus_if_free(self) -> None:
        """Focus the tree if nothing has the focus.

        This avoids `Widget.focus()`, which acts a moment later and would take the focus
        from a widget that got it from a key in between.
        """
        if self._view.screen.focused is None:
            self._view.screen.set_focus(self._view.front)

    # -- counting -------------------------------------------------------------

    def _recount(self) -> None:
        """Count uncounted layers, those on the screen first."""
        self._counting.set()
        self._counting = Cancel()
        self._count += 1
        first = self._view.table.visible_ids()
        count = partial(self._measure, first, self._count, self._counting)
        self._view.in_worker(count, "measure", exclusive=True)

    def _measure(self, first: list[int], number: int, cancel: Cancel) -> None:
        """Post use and totals, then count layers. Runs in a thread.

        It does not keep the forest that is shown: a newer one follows soon, and two
        forests of a hundred thousand images take many megabytes.
        """
        from plashui.store.disk_usage import measure

        view = self._view
        store = view.store
        self._watcher.look_around(store)
        latest: Forest | None = None
        told = 0.0

        def found(forest: Forest) -> None:
            nonlocal latest, told
            latest = forest
            if time.monotonic() - told >= OFTEN:
                tell()
                told = time.monotonic()

        def tell() -> None:
            nonlocal latest
            if latest is not None and not cancel.is_set():
                latest.total()
                shares = self._sharer.of(store, latest)
                view.screen.post_message(Sized(latest, number, shares))
            latest = None

        whole: Size | None = None
        try:
            forest = measure(store, view.forest, found, first=first, cancel=cancel)
            whole = forest.total()
            del forest
        except (PlashError, OSError) as error:
            if not cancel.is_set():
                view.on_loop(view.host.fail, error)
        tell()
        if whole is not None and not cancel.is_set():
            self._watcher.count_all(store, whole)

    def sized(self, event: Sized) -> None:
        """Show newly counted layers; ignore a count that was replaced."""
        if event.number == self._count:
            self._view.take_shares(event.shares)
            self._view.table.counted(event.forest)
            self._view.redraw_map()
            self._tidy(event.forest)
            self._summary.show()
            self._describer.show()

    def _tidy(self, forest: Forest) -> None:
        """Return memory to the system soon, once the last forest is gone."""
        if len(forest) < BIG or self._tidying is not None:
            return
        from plashui.base.malloc import give_back

        def tidy() -> None:
            self._tidying = None
            self._view.in_worker(give_back, "tidy")

        self._tidying = self._view.screen.set_timer(2.0, tidy)

    def _sweep(self) -> None:
        """Delete leftovers of killed programs, in a thread."""
        from plashui.operations.gc import sweep

        if self._view.host.read_only:
            return
        with suppress(PlashError, OSError):
            sweep(self._view.store)
