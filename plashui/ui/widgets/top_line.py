"""The top line of a page."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget


class TopLine(Widget):
    """Name and store on the left, totals on the right."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TopLine { height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, store: str, sign: str = "") -> None:
        """Show the (clean) path of the store; `sign` before it is never cut."""
        super().__init__()
        self.store = store
        self.totals = ""
        self._sign = f"{sign} " if sign else ""

    def rename(self, store: str) -> None:
        """Show another path."""
        self.store = store
        self.refresh()

    def show(self, totals: str) -> None:
        """Show these totals, a clean text."""
        if totals != self.totals:
            self.totals = totals
            self.refresh()

    def render(self) -> Content:
        """Draw the line; the path is cut on the left where it is too long."""
        width = self.size.width
        name, totals = " plashui ", f"{self.totals} "
        sign = self._sign
        room = width - len(name + sign) - cell_len(totals) - 2
        store = self.store
        if cell_len(store) > room:
            keep = max(0, room - 1)
            store = "…" + store[len(store) - keep :] if keep > 6 else ""
        gap = width - len(name + sign) - cell_len(store) - cell_len(totals)
        parts = self.totals.split(" · ")
        while gap < 0 and len(parts) > 2:  # the first and the last part matter most
            parts.pop(-2)
            totals = " · ".join(parts) + " "
            gap = width - len(name + sign) - cell_len(store) - cell_len(totals)
        if gap < 0:
            totals = set_cell_size(totals, max(0, width - len(name + sign)))
            gap = 0
        return Content.assemble(
            (name, "bold $text-primary"),
            (sign, "$text-warning"),
            (store, "$dim"),
            " " * gap,
            totals,
        )
