"""The same images seen in another way: as a list, as a map, in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plashui.ui.action import Action
from plashui.ui.order import Order
from plashui.ui.screens.acting import ActingScreen

if TYPE_CHECKING:
    from plashui.ui.widgets.usagemap import UsageMap

ACTIONS: Final = (
    Action(
        "sort",
        "s",
        "Sort",
        "plashui ls",
        "Sort by the next column: id, subtree, own, age, name, last use.",
        footer=8,
    ),
    Action(
        "by_name",
        "n",
        "By name",
        "plashui ls",
        "Sort by name.",
    ),
    Action(
        "list",
        "v",
        "List or tree",
        "plashui ls",
        "Show all images as one list, the biggest layer first; once more as the tree.",
    ),
    Action(
        "map",
        "M",
        "Map",
        "plashui df",
        "The usage map: the store as blocks sized by bytes and coloured by age. Arrows "
        "go from block to block, + and - zoom; once more comes back.",
        footer=11,
    ),
)


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
