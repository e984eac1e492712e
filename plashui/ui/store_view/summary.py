"""The top line: number and size of images, and free disk space."""

from __future__ import annotations

from plashui.base.terminal_text import clean, shown_path
from plashui.base.units import plural, size
from plashui.model.forest import Size
from plashui.store.preview import Glance
from plashui.ui.model.messages import Totals
from plashui.ui.model.row_cells import UNKNOWN, UNSAVED, shown_size
from plashui.ui.store_view.view import WIDE, StoreView
from plashui.ui.widgets.top_line import TopLine


class Summary:
    """Totals of the store, in one line."""

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

    def store_name(self) -> str:
        """The path of the store, as displayed."""
        return clean(shown_path(self._view.store.root))

    def rename(self) -> None:
        """Show the path of the store."""
        self._view.screen.query_one(TopLine).rename(self.store_name())

    def show(self) -> None:
        """Draw the line again."""
        parts = [*self._images(), *self._rest()]
        self._view.screen.query_one(TopLine).show(" · ".join(parts))

    def _images(self) -> list[str]:
        """Return number and size of all images, or of the marked ones."""
        table = self._view.table
        count = self.glance.total if self.glance else len(table.forest)
        images = f"{UNKNOWN} images" if count is None else plural(count, "image")
        total = shown_size(table.forest.total())
        if table.marks:
            own = table.folds.own
            marked = sum(own(table.forest, image).bytes for image in table.marks)
            return [f"{len(table.marks)} marked, {size(marked)} of {total}"]
        if self.unseen:
            return []
        if table.found is not None:
            return [f"{table.found} of {images}", total]
        return [images, total]

    def _rest(self) -> list[str]:
        """Return unsaved changes, trash and disk."""
        totals, width = self.totals, self._view.screen.app.size.width
        if totals is None:
            return []
        parts = []
        if totals.unsaved != Size(0, True):
            sign = "unsaved" if width >= 80 else UNSAVED
            parts.append(f"{sign} {shown_size(totals.unsaved)}")
        parts.append(f"trash {shown_size(totals.trash)}")
        share = f" ({totals.free * 100 // totals.disk} %)" if totals.disk else ""
        parts.append(f"disk free {size(totals.free)}{share if width >= WIDE else ''}")
        return parts
