"""How the main screen gets to know the store: read, count; all in workers."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Final

from textual import on
from textual.timer import Timer

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.base.text import clean, plural, shown_path, size
from plashui.model.forest import Forest, Size
from plashui.store.preview import Glance, glance
from plashui.store.store import Store
from plashui.ui.model.messages import Described, Sized, StoreRead, Totals, Weighed
from plashui.ui.model.row_cells import UNKNOWN, UNSAVED, shown_size
from plashui.ui.platform.gc_tuning import seek_seldom
from plashui.ui.platform.terminal import window_title
from plashui.ui.store_view.live import AGEING, FollowingScreen
from plashui.ui.widgets.head import Head

OFTEN: Final = 0.3
"""Seconds between two looks at a count that is under way."""

BIG: Final = 20_000
"""Images from which on the memory that reading them took is worth giving back."""

REST: Final = 0.2
"""Seconds the cursor rests on an image before its files are looked into."""


class ReadingScreen(FollowingScreen):
    """A screen over a store; what it shows is true a moment after it changed."""

    _unseen = False
    """Whether the store could not be read, so that nobody knows what is in it."""

    _begun = False
    """Whether there are workers yet."""

    _count = 0
    """How often counting began, in whatever store."""

    def store_name(self) -> str:
        """Where the store is, as it is shown."""
        return clean(shown_path(self.store.root))

    def show_store(self, store: Store) -> None:
        """Show another store; nothing of the one before is kept."""
        self.stop_work()
        self.plashui.store = store
        self.table.forget()
        self.details.show(Forest({}), None, marked=frozenset())
        self.query_one(Head).rename(self.store_name())
        if self.plashui.to_terminal is not None:
            self.plashui.to_terminal(window_title(self.plashui.window_name()))
        self.begin()

    def begin(self) -> None:
        """Show what one sees of the store at once; then start all workers."""
        self._counting: Cancel | None = None
        self._looking = Cancel()
        self._leaving = Cancel()
        self._finding = None
        self._count += 1  # what is counted elsewhere is of no interest any more
        self._glance: Glance | None = None  # while only the top has been read
        self._totals: Totals | None = None
        self._weights = {}
        self._reveal: int | None = None
        self._stop = asyncio.Event()
        self._resting: Timer | None = None
        self._tidying: Timer | None = None
        self._look_soon = None
        self.watching = False
        if not self._begun:
            self.set_interval(AGEING, self.grow_older)
        self._begun = True
        try:
            seen = glance(self.store)
            self._glance = None if seen.whole else seen
            self._take(seen.forest, whole=seen.whole)
        except (PlashError, OSError) as error:
            self._take(Forest({}), trouble=str(error))
            self.plashui.fail(error)
        if self._glance is None:
            self.call_after_refresh(self._begin_workers)
        else:  # what is painted is on its way, and reading so much would hold it up
            self.set_timer(0.05, self._begin_workers)

    def _begin_workers(self) -> None:
        seek_seldom()
        if self._glance is not None:
            self.reread()
        else:
            self._recount()
        self.watch_store()
        self.run_worker(self._sweep, thread=True, group="sweep", exit_on_error=False)

    def stop_work(self) -> None:
        """Let every worker end, quickly: the app is about to quit."""
        if self._begun:
            self._stop.set()
            self._looking.set()
            self._leaving.set()
            if self._counting is not None:
                self._counting.set()
            for timer in (self._resting, self._look_soon):
                if timer is not None:
                    timer.stop()

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
        from plashui.base.malloc import apart

        store = self.store
        if self._glance is not None:  # it is a big one
            apart()
        try:
            forest = store.read()
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
        self._tidy(event.forest)
        self._recount()
        self.watch_store()

    def _take(self, forest: Forest, *, whole: bool = True, trouble: str = "") -> None:
        table, empty = self.table, not len(forest)
        self._unseen = bool(trouble)
        if empty:
            self.leave_map()
            self._greet(trouble)
        else:
            self.query("Greeting").remove()
        self.set_class(empty, "-empty")
        table.show(forest, whole=whole)
        self.redraw_map()
        if not empty:
            self.call_after_refresh(self._focus_if_free)
        self.show_totals()
        self.show_keys()
        self.show_details(again=True)

    def _greet(self, trouble: str) -> None:
        """Say what to do about an empty store, or why none is seen, instead of it."""
        from plashui.ui.widgets.greeting import Greeting

        if not self.query(Greeting):
            self.query_one("#left").mount(
                Greeting(
                    make=self.plashui.key("import"),
                    explain=self.plashui.key("help"),
                    leave=self.plashui.key("leave"),
                )
            )
        for greeting in self.query(Greeting):
            greeting.tell(trouble)

    def _focus_if_free(self) -> None:
        """Give the focus to the tree if nothing has it.

        Never `Widget.focus()`, here or elsewhere: it happens a moment later, and takes
        the focus from what a key has given it to meanwhile.
        """
        if self.focused is None:
            self.set_focus(self.front)

    # -- counting -------------------------------------------------------------

    def _recount(self) -> None:
        """Count what is not counted yet, what is on screen first."""
        if self._counting is not None:
            self._counting.set()
        self._count += 1
        self._counting = Cancel()
        first = self.table.visible_ids()
        count = partial(self._measure, first, self._count, self._counting)
        self.run_worker(
            count, thread=True, exclusive=True, group="measure", exit_on_error=False
        )

    def _measure(self, first: list[int], number: int, cancel: Cancel) -> None:
        """In a thread: tell of busy images and totals, then count layers.

        The forest that is shown is not kept here: there is a newer one soon, and two
        of a hundred thousand images are many megabytes.
        """
        from plashui.store.disk_usage import measure

        store = self.store
        self.look_around(store)
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
                self.post_message(Sized(latest, number))
            latest = None

        try:
            measure(store, self.table.forest, found, first=first, cancel=cancel)
        except (PlashError, OSError) as error:
            if not cancel.is_set():
                self.app.call_from_thread(self.plashui.fail, error)
        tell()

    @on(Sized)
    def sized(self, event: Sized) -> None:
        """More layers are counted; a count that was replaced is ignored."""
        if event.number == self._count:
            self.table.counted(event.forest)
            self.redraw_map()
            self._tidy(event.forest)
            self.show_totals()
            self.show_details()

    def _tidy(self, forest: Forest) -> None:
        """Soon, when the forest before this one is gone, give back what it took."""
        if len(forest) < BIG or self._tidying is not None:
            return
        from plashui.base.malloc import give_back

        def tidy() -> None:
            self._tidying = None
            self.run_worker(give_back, thread=True, group="tidy", exit_on_error=False)

        self._tidying = self.set_timer(2.0, tidy)

    def _sweep(self) -> None:
        """In a thread: free what programs that were killed left behind."""
        from plashui.operations.gc import sweep

        if self.plashui.read_only:
            return
        with suppress(PlashError, OSError):
            sweep(self.store)

    # -- showing --------------------------------------------------------------

    def on_resize(self) -> None:
        """More or less fits into the top line."""
        if self._begun:
            self.show_totals()

    def show_totals(self) -> None:
        """Draw the top line anew."""
        table, totals = self.table, self._totals
        count = self._glance.total if self._glance else len(table.forest)
        images = f"{UNKNOWN} images" if count is None else plural(count, "image")
        total = shown_size(table.forest.total())
        if table.marks:
            marked = sum(table.forest.own(i).bytes for i in table.marks)
            parts = [f"{len(table.marks)} marked, {size(marked)} of {total}"]
        elif self._unseen:
            parts = []
        elif table.found is not None:
            parts = [f"{table.found} of {images}", total]
        else:
            parts = [images, total]
        if totals is not None:
            if totals.unsaved != Size(0, True):
                sign = "unsaved" if self.app.size.width >= 80 else UNSAVED
                parts.append(f"{sign} {shown_size(totals.unsaved)}")
            parts.append(f"trash {shown_size(totals.trash)}")
            share = f" ({totals.free * 100 // totals.disk} %)" if totals.disk else ""
            wide = self.app.size.width >= 104
            parts.append(f"disk free {size(totals.free)}{share if wide else ''}")
        self.query_one(Head).show(" · ".join(parts))

    def show_details(self, *, again: bool = False) -> None:
        """Draw the details anew; look into the image once the cursor rests."""
        image = self.image
        new = image != self.details.image
        marked = frozenset(self.table.marks)
        root = self.store.root
        self.details.show(self.table.forest, image, marked=marked, root=root)
        if self._resting is not None:
            self._resting.stop()
            self._resting = None
        if (
            image is not None
            and self.details.display
            and (new or again or not self._facts_for(image))
        ):
            self._resting = self.set_timer(REST, partial(self.look_into, image))

    def _facts_for(self, image: int) -> bool:
        return self.details.image == image and self.details.has_facts

    def look_into(self, image: int) -> None:
        """Find out what the files of an image say, and what was noted of it."""
        self._resting = None
        self._looking.set()
        self._looking = Cancel()
        look = partial(self._look_into, image, self._looking)
        self.run_worker(
            look, thread=True, exclusive=True, group="describe", exit_on_error=False
        )

    def _look_into(self, image: int, cancel: Cancel) -> None:
        """In a thread: what the files of an image say, and what goes with it."""
        from plashui.image.inspection import describe
        from plashui.model.forest import paths_below
        from plashui.processes.holders import holders
        from plashui.store.disk_usage import beside
        from plashui.ui.model.describe import facts_of

        store, forest = self.store, self.table.forest
        facts: dict[str, str] = {}
        with suppress(PlashError, OSError, KeyError):
            about = describe(store, forest, image)
            used = [h for h in holders(store.path) if h.image == image]
            facts = facts_of(about, used)
        self.post_message(Described(image, facts, store.root))
        with suppress(PlashError, KeyError):
            nodes = paths_below(forest, image).values()
            weight = beside(store, nodes, cancel)
            self.post_message(Weighed(image, weight, store.root))

    @on(Described)
    def described(self, event: Described) -> None:
        """Show it, if the cursor is still there."""
        here = event.root in (None, self.store.root)
        if here and event.image == self.image:
            self.details.show(self.table.forest, event.image, event.facts)

    @on(Weighed)
    def weighed(self, event: Weighed) -> None:
        """Likewise."""
        here = event.root in (None, self.store.root)
        if here and event.image == self.image:
            forest = self.table.forest
            self.details.show(forest, event.image, beside=event.beside)
