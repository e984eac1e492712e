"""The filter field above the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.store_view.view import StoreView

if TYPE_CHECKING:
    from textual.widgets import Input

    from plashui.ui.widgets.filter_bar import FilterBar


class FilterField:
    """Open and close the filter field; its text filters the table."""

    def __init__(self, view: StoreView) -> None:
        """Filter the table of this view."""
        self._view = view
        self._bar: FilterBar | None = None

    @property
    def has_focus(self) -> bool:
        """Whether the field has the focus."""
        return self._bar is not None and self._bar.has_focus

    async def open(self) -> None:
        """Open the field and focus it; it receives what is typed next."""
        from plashui.ui.widgets.filter_bar import FilterBar

        view = self._view
        # Visible only once it receives what is typed.
        with view.screen.app.batch_update():
            if self._bar is None:
                table, back = view.table, view.host.key("back")
                bar = self._bar = FilterBar(table.needle, table.trouble, back)
                await view.screen.query_one("#left").mount(bar, bar.hint, before=0)
            view.screen.set_focus(self._bar)

    def close(self) -> bool:
        """Show all images again; return whether there was a filter or its field.

        The field is removed a moment later. A filter asked for before that gets a new
        field, because the old one would lose the focus and what is typed.
        """
        view = self._view
        bar, self._bar = self._bar, None
        if bar is None and not view.table.needle:
            return False
        view.screen.set_focus(view.table)
        view.table.filter("")
        if bar is not None:
            bar.hint.remove()
            bar.remove()
        return True

    def forget(self) -> None:
        """Remove the filter, because another store is shown."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.remove()

    def typed(self, event: Input.Changed) -> None:
        """Filter by the text of the field."""
        if self._bar is not None and event.input is self._bar:
            self._view.table.filter(event.value.strip())
            self.tell()

    def tell(self) -> None:
        """Say what is wrong with the filter, or that nothing matches."""
        if self._bar is not None:
            table = self._view.table
            self._bar.hint.say(table.trouble, nothing=table.found == 0)
