"""Actions that change how images are shown: as tree, list or map, and sorted."""

from __future__ import annotations

from typing import Final

from plashui.ui.actions.family import ActionFamily
from plashui.ui.model.images.order import Order

ORDERS: Final = {
    Order.ID: "id",
    Order.SUBTREE: "total, with all that is built on it",
    Order.OWN: "own size",
    Order.AGE: "age",
    Order.NAME: "name",
    Order.USED: "last use",
}
"""The orders in words; the first letter chooses one in the menu."""

REVERSE: Final = "reverse"


class ViewActions(ActionFamily):
    """Change how images are shown; none of these actions changes the store."""

    def sort(self) -> None:
        """Ask for the order; the key once more takes the next one."""
        if self._refuses():
            return
        from plashui.ui.dialogs.menu import Entry, Menu

        table, again = self.view.table, self.host.entry("sort").key.split(",")[0]
        now = table.order
        entries = [
            Entry(order.name, ORDERS[order], ORDERS[order][0], "now" * (order is now))
            for order in Order
        ]
        way = "the usual way" if table.reverse else "the other way round"
        entries.append(Entry(REVERSE, "reverse", "r", way))
        entries.append(Entry(now.next().name, "next column", again))
        self.view.ask(Menu("Sort by", entries, at=now.name), self._chosen)

    def _chosen(self, answer: str | None) -> None:
        table = self.view.table
        if answer == REVERSE or (answer is not None and Order[answer] is table.order):
            table.sort(table.order, reverse=not table.reverse)
        elif answer is not None:
            table.sort(Order[answer])

    def by_name(self) -> None:
        """Go to the next match of the filter; without one, sort by name."""
        if self.view.table.needle and self.view.usage_map is None:
            self.view.leave_page()
            self.view.table.next_match()
        elif not self._refuses():
            self.view.table.sort(Order.NAME)

    def _refuses(self) -> bool:
        """Leave the page; refuse to sort the map, and say why."""
        self.view.leave_page()
        if self.view.usage_map is None:
            return False
        back = self.host.key("map")
        self.host.tell(f"The map is always sorted by size; {back} leaves the map")
        return True

    def wider(self) -> None:
        """Give the details more room."""
        self.host.resize_details(4)

    def narrower(self) -> None:
        """Give the details less room."""
        self.host.resize_details(-4)

    def list(self) -> None:
        """Switch between list and tree; from the map, return to the table."""
        self.view.leave_page()
        if self.view.usage_map is not None:
            self.view.leave_map()
        else:
            self.view.table.lay(flat=not self.view.table.flat)

    async def map(self) -> None:
        """Switch between map and table."""
        self.view.leave_page()
        if self.view.usage_map is not None:
            self.view.leave_map()
        elif self.view.forest.images:
            await self.view.show_map()
