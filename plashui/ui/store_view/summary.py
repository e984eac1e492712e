"""The head of the main screen: what the store holds, takes, and how it grows."""

from __future__ import annotations

from plashui.base.terminal_text import clean, shown_path
from plashui.base.units import plural, size
from plashui.model.forest import Size
from plashui.store.preview import Glance
from plashui.ui.model.images.row_cells import UNKNOWN, UNSAVED, shown_size
from plashui.ui.model.images.shares import LATELY, Part, parts
from plashui.ui.model.messages import Totals
from plashui.ui.model.text.thin_bars import spark
from plashui.ui.store_view.view import StoreView
from plashui.ui.widgets.store_bar import Head, StoreBar


class Summary:
    """Totals of the store, as a line, a bar and its legend."""

    def __init__(self, view: StoreView) -> None:
        """Sum up the store of this view; nothing is known at first."""
        self._view = view
        self.forget()

    def forget(self) -> None:
        """Forget the totals, because another store is shown."""
        self.glance: Glance | None = None
        """The first rows of the store, while only these have been read."""
        self.totals: Totals | None = None
        """Trash, unsaved changes and disk, once they are known."""
        self.unseen = False
        """Whether the store could not be read, so that nobody knows what is in it."""

    def take(self, totals: Totals) -> None:
        """Take newer totals; the disk use of all stays until it is counted again."""
        if totals.use is None and self.totals is not None:
            totals.use = self.totals.use
        self.totals = totals

    def head(self) -> Head:
        """Return what the head shows."""
        view = self._view
        store = clean(shown_path(view.store.root))
        sign = "read-only" if view.host.read_only else ""
        if self.unseen:
            return Head(store, sign)
        totals, shares = self.totals, view.shares
        trash, unsaved, other = self._beside()
        some = unsaved or self._view.table.facts.unsaved
        there = parts(shares.groups, trash, unsaved if some else None, other)
        whole = view.forest.total()
        new = whole.known and 0 < shares.lately < whole.bytes
        lately = f" · +{size(shares.lately)} in {LATELY} days" if new else ""
        return Head(
            store,
            sign,
            (
                (self._images(), "strong"),
                (f" · {self._total()}", ""),
                (lately, "faint"),
            ),
            tuple(self._short()),
            spark(shares.growth),
            tuple(there),
            tuple(self._entry(part) for part in there),
            f"{size(totals.free)} free" if totals else "",
        )

    def _beside(self) -> tuple[int, int, int]:
        """Return the bytes of trash, of unsaved changes, and of all the rest."""
        totals = self.totals
        if totals is None:
            return 0, 0, 0
        if totals.use is None:
            return totals.trash.bytes, totals.unsaved.bytes, 0
        use = totals.use
        return use.trash, use.unsaved, use.blobs + use.caches + use.work + use.other

    @property
    def count(self) -> int | None:
        """The number of images; None while there are too many to count at once."""
        return self.glance.total if self.glance else len(self._view.forest)

    def _images(self) -> str:
        """Return the number of images, or of those that match the filter."""
        table, count = self._view.table, self.count
        images = f"{UNKNOWN} images" if count is None else plural(count, "image")
        return images if table.found is None else f"{table.found} of {images}"

    def _total(self) -> str:
        """Return the bytes that the store takes, as `du` and `plash df` say."""
        whole, use = self._view.forest.total(), self.totals and self.totals.use
        if use and whole.known:
            return size(sum(self._beside()) + whole.bytes)
        return shown_size(Size(sum(self._beside()) + whole.bytes, False))

    def _entry(self, part: Part) -> tuple[tuple[str, str], ...]:
        """Return a stretch of the bar in words; the trash with the key for it."""
        words = [(f"{part.name} ", ""), (size(part.bytes), "faint")]
        if part.kind == "trash":
            words.append((f" {self._view.host.key('trash')}", "key"))
        return tuple(words)

    def _short(self) -> list[str]:
        """Return the totals where there is only one line for them."""
        words, totals = [self._images(), self._total()], self.totals
        if totals is None:
            return words
        if totals.unsaved != Size(0, True):
            words.append(f"{UNSAVED} {shown_size(totals.unsaved)}")
        if totals.trash != Size(0, True):
            words.append(f"trash {shown_size(totals.trash)}")
        return [*words, f"{size(totals.free)} free"]

    def show(self) -> None:
        """Draw the head again."""
        self._view.screen.query_one(StoreBar).show(self.head())
