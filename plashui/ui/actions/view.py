"""The same images seen in another way: as a list, as a map, in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActingScreen
from plashui.ui.model.order import Order

if TYPE_CHECKING:
    from plashui.ui.widgets.usage_map import UsageMap


class Seeing(ActingScreen):
    """Nothing here changes the store."""

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort(self.table.order.next())

    def action_by_name(self) -> None:
        """Sort by name."""
        self._sort(Order.NAME)

    def _sort(self, order: Order) -> None:
        self.leave_page()
        if self.usage_map is not None:
            back = self.plashui.key("map")
            self.plashui.tell(f"the map is sorted by size only: {back} goes back")
            return
        self.table.sort(order)

    def action_list(self) -> None:
        """A list of a tree, a tree of a list; of the map the table it came from."""
        self.leave_page()
        if self.usage_map is not None:
            self.leave_map()
        else:
            self.table.lay(flat=not self.table.flat)

    async def action_map(self) -> None:
        """The map of a table, the table of a map."""
        self.leave_page()
        if self.usage_map is not None:
            self.leave_map()
        elif self.table.forest.images:
            await self.show_map()

    def on_usage_map_moved(self) -> None:
        """The details follow the cursor of the map too."""
        self.show_details()

    def on_usage_map_refused(self, event: UsageMap.Refused) -> None:
        """Say why not."""
        self.plashui.tell(event.reason)
