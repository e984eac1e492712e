"""Actions that change how images are shown: as tree, list or map, and sorted."""

from __future__ import annotations

from plashui.ui.actions.family import ActionFamily
from plashui.ui.model.order import Order


class ViewActions(ActionFamily):
    """Change how images are shown; none of these actions changes the store."""

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
            self.host.tell(f"The map is always sorted by size; {back} leaves the map")
            return
        self.view.table.sort(order)

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
