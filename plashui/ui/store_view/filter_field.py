"""The field in which the filter is typed, while there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.store_view.view import StoreView

if TYPE_CHECKING:
    from textual.widgets import Input

    from plashui.ui.widgets.filter_bar import FilterBar


class FilterField:
    """Comes when a filter is asked for; what is typed there filters the table."""

    def __init__(self, view: StoreView) -> None:
        """Filter the table of this view."""
        self._view = view
        self._bar: FilterBar | None = None

    @property
    def has_focus(self) -> bool:
        """Whether one types there."""
        return self._bar is not None and self._bar.has_focus

    async def open(self) -> None:
        """Put the cursor there; what is typed next is for the field."""
        from plashui.ui.widgets.filter_bar import FilterBar

        view = self._view
        with view.screen.app.batch_update():  # not seen before it takes what is typed
            if self._bar is None:
                table, back = view.table, view.host.key("back")
                bar = self._bar = FilterBar(table.needle, table.trouble, back)
                await view.screen.query_one("#left").mount(bar, bar.hint, before=0)
            view.screen.set_focus(self._bar)

    def close(self) -> bool:
        """Show all images again; whether a filter was there, or its field.

        The field goes a moment later: whoever asks for a filter until then gets a new
        one, or the focus and what is typed would be lost with the old.
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
        """Another store is shown, all of it."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.remove()

    def typed(self, event: Input.Changed) -> None:
        """Show what matches what is in the field."""
        if self._bar is not None and event.input is self._bar:
            self._view.table.filter(event.value.strip())
            self.tell()

    def tell(self) -> None:
        """Say what is wrong with the filter, or that nothing matches."""
        if self._bar is not None:
            table = self._view.table
            self._bar.hint.say(table.trouble, nothing=table.found == 0)
