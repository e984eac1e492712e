"""What the main screen is made of, and which image is under its cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widget import Widget

from plashui.store.store import Store
from plashui.ui.model.host import Host, host_of
from plashui.ui.tabs.details import Details
from plashui.ui.widgets.tree_table import TreeTable

if TYPE_CHECKING:
    from plashui.ui.widgets.usage_map import UsageMap


class ViewingScreen(Screen[None]):
    """A screen on which a store is seen: as a table, or as a map in its place."""

    usage_map: UsageMap | None = None
    """The map, while it is in the place of the table."""

    @property
    def plashui(self) -> Host:
        """The app."""
        return host_of(self)

    @property
    def store(self) -> Store:
        """The store that is shown."""
        return self.plashui.store

    @property
    def table(self) -> TreeTable:
        """The tree, be it seen or not: it has the marks."""
        return self.query_one(TreeTable)

    @property
    def details(self) -> Details:
        """The details."""
        return self.query_one(Details)

    @property
    def front(self) -> Widget:
        """What takes the keys: the map, else the table."""
        return self.usage_map or self.table

    @property
    def image(self) -> int | None:
        """The image under the cursor: that of the map, else of the table."""
        return self.usage_map.image if self.usage_map else self.table.image

    def leave_page(self) -> bool:
        """Back to the images from details that fill the screen; whether they did.

        What acts on the table or the map as such begins with it: nobody sees those.
        """
        if not self.has_class("-page"):
            return False
        self.remove_class("-page")
        self.set_focus(self.front)
        return True

    def show_keys(self) -> None:
        """Tell what the keys do where the focus is."""
        raise NotImplementedError

    async def show_map(self) -> None:
        """Put the map in the place of the table, the cursor on the same image."""
        from plashui.ui.widgets.usage_map import UsageMap

        if self.usage_map is None:
            table = self.table
            self.usage_map = UsageMap(table.forest, table.facts, table.marks)
            self.usage_map.reveal(table.image)
            with self.app.batch_update():
                self.add_class("-map")
                await self.query_one("#left").mount(self.usage_map)
                self.set_focus(self.usage_map)

    def leave_map(self) -> None:
        """Back to the table, the cursor on the same image."""
        gone, self.usage_map = self.usage_map, None
        if gone is not None:
            self.remove_class("-map")
            if gone.moved and gone.image is not None:
                self.table.reveal(gone.image)
            self.set_focus(self.table)
            gone.remove()
