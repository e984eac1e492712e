"""The same images seen in another way: as a list, as a map, in another order."""

from __future__ import annotations

from plashui.ui.actions.family import ActionFamily
from plashui.ui.model.order import Order


class ViewActions(ActionFamily):
    """Nothing here changes the store."""

    def sort(self) -> None:
        """Sort by the next column."""
        self._sort(self.view.table.order.next())

    def by_name(self) -> None:
        """Sort by name."""
        self._sort(Order.NAME)

    def _sort(self, order: Order) -> None:
        self.view.leave_page()
        if self.view.usage_map is not None:
            back = self.host.key("map")
            self.host.tell(f"the map is sorted by size only: {back} goes back")
            return
        self.view.table.sort(order)

    def list(self) -> None:
        """A list of a tree, a tree of a list; of the map the table it came from."""
        self.view.leave_page()
        if self.view.usage_map is not None:
            self.view.leave_map()
        else:
            self.view.table.lay(flat=not self.view.table.flat)

    async def map(self) -> None:
        """The map of a table, the table of a map."""
        self.view.leave_page()
        if self.view.usage_map is not None:
            self.view.leave_map()
        elif self.view.forest.images:
            await self.view.show_map()
