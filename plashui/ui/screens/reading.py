"""How the main screen gets to know the store: read, count, watch; all in workers."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from plashui.core.errors import PlashError
from plashui.core.forest import Forest, Size, Usage
from plashui.core.glance import Glance, glance
from plashui.core.progress import Cancel
from plashui.core.store import Store
from plashui.core.text import clean, plural, size
from plashui.ui.messages import Busy, Described, Sized, StoreRead, Totals
from plashui.ui.widgets.details import Details
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.rowcells import shown_size
from plashui.ui.widgets.treetable import TreeTable

if TYPE_CHECKING:
    from plashui.ui.application import PlashuiApp

OFTEN: Final = 0.3
"""Seconds between two looks at a count that is under way."""

REST: Final = 0.2
"""Seconds the cursor rests on an image before its files are looked into."""


class ReadingScreen(Screen[None]):
    """A screen over a store; what it shows is true a moment after it changed."""

    _begun = False
    """Whether there are workers yet."""

    _count = 0
    """How often counting began, in whatever store."""

    @property
    def plashui(self) -> PlashuiApp:
        """The app, by its own type."""
        app: PlashuiApp = self.app  # type: ignore[assignment]
        return app

    @property
    def store(self) -> Store:
        """The store that is shown."""
        return self.plashui.store

    @property
    def table(self) -> TreeTable:
        """The tree."""
        return self.query_one(TreeTable)

    @property
    def details(self) -> Details:
        """The details."""
        return self.query_one(Details)

    def store_name(self) -> str:
        """Where the store is, as it is shown."""
        path, home = self.store.root, os.environ.get("HOME", "")
        short = (
            f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path
        )
        return clean(short)

    def show_store(self, store: Store) -> None:
        """Show another store; nothing of the one before is kept."""
        self.stop_work()
        self.plashui.store = store
        self.table.forget()
        self.details.show(Forest({}), None, marked=frozenset())
        self.query_one(Head).rename(self.store_name())
        self.begin()

    def begin(self) -> None:
        """Show what one sees of the store at once; then start all workers."""
        self._usages: dict[int, Usage] = {}
        self._counting: Cancel | None = None
        self._count += 1  # what is counted elsewhere is of no interest any more
        self._glance: Glance | None = None
        self._totals: Totals | None = None
        self._reveal: int | None = None
        self._stop = asyncio.Event()
        self._resting: Timer | None = None
        self.watching = False
        self._begun = True
        try:
            self._glance = glance(self.store)
            self._take(self._glance.forest, whole=self._glance.whole)
        except (PlashError, OSError) as error:
            self._take(Forest({}))
            self.plashui.fail(error)
        self.call_after_refresh(self._begin_workers)

    def _begin_workers(self) -> None:
        gc.freeze()
        gc.enable()
        if self._glance is not None and not self._glance.whole:
            self.reread()
        else:
            self._recount()
        self._watch()
        self.run_worker(self._sweep, thread=True, group="sweep", exit_on_error=False)

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        """A worker failed as none should: note it, say so, and go on."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            from plashui.core import logfile

            logfile.note(error, f"worker {event.worker.group}")
            self.plashui.tell(logfile.sentence(error), severity="error")

    def stop_work(self) -> None:
        """Let every worker end, quickly: the app is about to quit."""
        if self._begun:
            self._stop.set()
            if self._counting is not None:
                self._counting.set()

    # -- reading --------------------------------------------------------------

    def reread(self, reveal: int | None = None) -> None:
        """Read the store again, and put the cursor on `reveal`."""
        if reveal is not None:
            self._reveal = reveal
        self.run_worker(
            self._read, thread=True, exclusive=True, group="read", exit_on_error=False
        )

    def _read(self) -> None:
        """In a thread."""
        store, usages = self.store, self._usages
        try:
            forest = store.read()
            missing = {
                image: usage
                for image, usage in dict(usages).items()
                if image in forest and forest.images[image].own is None
            }
            if missing:
                forest = forest.with_usage(missing)
            forest.total()
            self.post_message(StoreRead(forest, store.root))
        except (PlashError, OSError) as error:
            self.app.call_from_thread(self.plashui.fail, error)

    @on(StoreRead)
    def store_read(self, event: StoreRead) -> None:
        """Show it, count what is new."""
        if event.root not in (None, self.store.root):
            return
        self._glance = None
        self._take(event.forest)
        if self._reveal is not None and self._reveal in event.forest:
            self.table.reveal(self._reveal)
            self._reveal = None
        self._recount()
        self._watch()

    def _take(self, forest: Forest, *, whole: bool = True) -> None:
        table, empty = self.table, not len(forest)
        if empty:
            self._greet()
        else:
            self.query("Greeting").remove()
        self.set_class(empty, "-empty")
        table.show(forest, whole=whole)
        if not empty:
            self.call_after_refresh(self._focus_if_free)
        self.show_totals()
        self.show_details()

    def _greet(self) -> None:
        """Say what to do about an empty store, in the place of the tree."""
        from plashui.ui.widgets.greeting import Greeting

        if not self.query(Greeting):
            self.query_one("#left").mount(
                Greeting(
                    make=self.plashui.key("import"),
                    explain=self.plashui.key("help"),
                    leave=self.plashui.key("leave"),
                )
            )

    def _focus_if_free(self) -> None:
        """Give the focus to the tree if nothing has it.

        Never `Widget.focus()`, here or elsewhere: it happens a moment later, and takes
        the focus from what a key has given it to meanwhile.
        """
        if self.focused is None:
            self.set_focus(self.table)

    # -- counting -------------------------------------------------------------

    def _recount(self) -> None:
        """Count what is not counted yet, what is on screen first."""
        forest = self.table.forest
        if self._counting is not None:
            self._counting.set()
        self._count += 1
        self._counting = Cancel()
        count = partial(
            self._measure,
            forest,
            self.table.visible_ids(),
            self._count,
            self._counting,
        )
        self.run_worker(
            count, thread=True, exclusive=True, group="measure", exit_on_error=False
        )

    def _measure(
        self, forest: Forest, first: list[int], number: int, cancel: Cancel
    ) -> None:
        """In a thread: tell of busy images and totals, then count layers."""
        from plashui.core.usage import measure

        store, usages_here = self.store, self._usages
        self._look_around(store)
        latest = forest
        told = 0.0

        def found(usages: dict[int, Usage]) -> None:
            nonlocal latest, told
            usages_here.update(usages)
            latest = latest.with_usage(usages)
            if time.monotonic() - told >= OFTEN:
                latest.total()
                self.post_message(Sized(latest, number))
                told = time.monotonic()

        try:
            measure(store, forest, found, first=first, cancel=cancel)
        except (PlashError, OSError) as error:
            if not cancel.is_set():
                self.app.call_from_thread(self.plashui.fail, error)
        if latest is not forest and not cancel.is_set():
            latest.total()
            self.post_message(Sized(latest, number))

    @on(Sized)
    def sized(self, event: Sized) -> None:
        """More layers are counted; a count that was replaced is ignored."""
        if event.number == self._count:
            self.table.show(event.forest)
            self.show_totals()
            self.show_details()

    def _look_around(self, store: Store) -> None:
        """In a thread: trash, disk, and images in use."""
        from plashui.core.processes import holders
        from plashui.core.trash import trashed

        with suppress(PlashError, OSError):
            entries = trashed(store)
            disk = store.disk()
            trash = Size(
                sum(e.bytes.bytes for e in entries), all(e.bytes.known for e in entries)
            )
            self.post_message(Totals(trash, disk.total, disk.free, store.root))
            used = frozenset(h.image for h in holders(store.path))
            self.post_message(Busy(used, store.root))

    @on(Totals)
    def got_totals(self, event: Totals) -> None:
        """Show them."""
        if event.root in (None, self.store.root):
            self._totals = event
            self.show_totals()

    @on(Busy)
    def got_busy(self, event: Busy) -> None:
        """Show them."""
        if event.root in (None, self.store.root):
            self.table.set_busy(event.images)

    # -- watching -------------------------------------------------------------

    def _watch(self) -> None:
        """Follow the store, once there is one."""
        if not self.watching and not self._stop.is_set() and self.store.exists():
            self.watching = True
            self.run_worker(self._follow_store(), group="watch", exit_on_error=False)

    async def _follow_store(self) -> None:
        from plashui.core.watch import changes

        stop = self._stop
        try:
            async for _ in changes(self.store, stop):
                self.reread()
        except (PlashError, OSError, RuntimeError) as error:
            self.plashui.fail(error)
        finally:
            if stop is self._stop:  # else another store is watched by now
                self.watching = False

    def _sweep(self) -> None:
        """In a thread: free what programs that were killed left behind."""
        from plashui.core.trash import sweep

        if self.plashui.read_only:
            return
        with suppress(PlashError, OSError):
            sweep(self.store)

    # -- showing --------------------------------------------------------------

    def show_totals(self) -> None:
        """Draw the top line anew."""
        table, totals = self.table, self._totals
        count = self._glance.total if self._glance else len(table.forest)
        total = shown_size(table.forest.total())
        if table.marks:
            marked = sum(table.forest.own(i).bytes for i in table.marks)
            parts = [f"{len(table.marks)} marked, {size(marked)} of {total}"]
        elif table.found is not None:
            parts = [f"{table.found} of {plural(count, 'image')}", total]
        else:
            parts = [plural(count, "image"), total]
        if totals is not None:
            parts.append(f"trash {shown_size(totals.trash)}")
            share = f" ({totals.free * 100 // totals.disk} %)" if totals.disk else ""
            wide = self.app.size.width >= 104
            parts.append(f"disk free {size(totals.free)}{share if wide else ''}")
        self.query_one(Head).show(" · ".join(parts))

    def show_details(self) -> None:
        """Draw the details anew; look into the image once the cursor rests."""
        image = self.table.image
        new = image != self.details.image
        marked = frozenset(self.table.marks)
        self.details.show(self.table.forest, image, marked=marked)
        if self._resting is not None:
            self._resting.stop()
            self._resting = None
        if (
            image is not None
            and self.details.display
            and (new or not self._facts_for(image))
        ):
            self._resting = self.set_timer(REST, partial(self.look_into, image))

    def _facts_for(self, image: int) -> bool:
        return self.details.image == image and self.details.has_facts

    def look_into(self, image: int) -> None:
        """Find out what the files of an image say, and what was noted of it."""
        self._resting = None
        look = partial(self._look_into, self.table.forest, image)
        self.run_worker(
            look, thread=True, exclusive=True, group="describe", exit_on_error=False
        )

    def _look_into(self, forest: Forest, image: int) -> None:
        """In a thread: what the files of an image say."""
        from plashui.core.processes import holders
        from plashui.core.show import describe
        from plashui.ui.describe import facts_of

        store = self.store
        facts: dict[str, str] = {}
        with suppress(PlashError, OSError, KeyError):
            about = describe(store, forest, image)
            used = [h for h in holders(store.path) if h.image == image]
            facts = facts_of(about, used)
        self.post_message(Described(image, facts, store.root))

    @on(Described)
    def described(self, event: Described) -> None:
        """Show it, if the cursor is still there."""
        here = event.root in (None, self.store.root)
        if here and event.image == self.table.image:
            self.details.show(self.table.forest, event.image, event.facts)
