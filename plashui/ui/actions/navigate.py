"""Finding one's way: marks, order, filter, details, help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActingScreen

if TYPE_CHECKING:
    from textual.widgets import Input

    from plashui.store.store import Store
    from plashui.ui.widgets.filter_bar import FilterBar


class Looking(ActingScreen):
    """Nothing here changes the store."""

    _filter_bar: FilterBar | None = None
    """Where the filter is typed, while there is one."""

    def show_store(self, store: Store) -> None:
        """Show another store, all of it."""
        bar, self._filter_bar = self._filter_bar, None
        if bar is not None:
            bar.remove()
        super().show_store(store)

    def action_mark(self) -> None:
        """Mark or unmark the image under the cursor, from the tree and move on."""
        if self.usage_map is None and not self.details.has_focus_within:
            self.table.switch_mark()
        elif self.image is not None:
            self.table.set_mark(self.image)
        if self.usage_map is not None:
            self.usage_map.redraw()

    def action_open_all(self) -> None:
        """Open the whole tree."""
        self.leave_page()
        self.table.open_all()

    def action_close_all(self) -> None:
        """Close the whole tree."""
        self.leave_page()
        self.table.close_all()

    def action_details(self) -> None:
        """Show or hide the details; if they fill the screen, the images again."""
        if self.leave_page():
            return
        wide = self.app.size.width >= 104
        self.set_class(
            not self.has_class("-hide" if wide else "-ask"), "-hide" if wide else "-ask"
        )
        self.call_after_refresh(self.show_details)

    def action_tab(self) -> None:
        """The next tab of the details, which come up if they are hidden."""
        if self.details.display:
            self.details.next_tab()
        else:
            self.action_details()

    def action_turn(self, number: int) -> None:
        """A tab of the details by its place."""
        if not self.details.display:
            self.action_details()
        self.details.turn_to(number)

    def action_inside(self) -> None:
        """Go into the details; from there, let them fill the screen."""
        if (
            self.details.has_focus_within
            or not self.details.display
            or self.app.size.width < 104
        ):
            self.toggle_class("-page")
        self.call_after_refresh(self._enter)

    def _enter(self) -> None:
        if self.details.display:
            self.details.enter()
        else:
            self.set_focus(self.front)
        self.show_keys()

    async def action_filter(self) -> None:
        """Type what to look for; the keys that follow at once are for the field."""
        from plashui.ui.widgets.filter_bar import FilterBar

        if not self.table.forest.images:
            return
        self.leave_page()
        self.leave_map()
        with self.app.batch_update():  # it is not seen before it takes what is typed
            if self._filter_bar is None:
                table, back = self.table, self.plashui.key("back")
                bar = self._filter_bar = FilterBar(table.needle, table.trouble, back)
                await self.query_one("#left").mount(bar, bar.hint, before=0)
            self.set_focus(self._filter_bar)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches what is in the filter bar."""
        bar = self._filter_bar
        if bar is not None and event.input is bar:
            self.table.filter(event.value.strip())
            self.tell_of_filter()

    def tell_of_filter(self) -> None:
        """Say what is wrong with the filter, or that nothing matches."""
        if self._filter_bar is not None:
            nothing = self.table.found == 0
            self._filter_bar.hint.say(self.table.trouble, nothing=nothing)

    def action_focus_tree(self) -> None:
        """From the filter to what it found."""
        self.set_focus(self.table)

    def action_back(self) -> None:
        """Take back, one at a time: the details, the map, the filter, the marks."""
        if self.leave_page():
            return
        if self.details.has_focus_within:
            self.set_focus(self.front)
            return
        if self.usage_map is not None:
            self.leave_map()
            return
        bar, self._filter_bar = self._filter_bar, None
        if bar is not None or self.table.needle:
            self.set_focus(self.table)
            self.table.filter("")
            # It goes a moment later: whoever asks for a filter until then gets a new
            # one, or the focus and what is typed would be lost with the old.
            if bar is not None:
                bar.hint.remove()
                bar.remove()
        elif self.table.marks:
            self.table.clear_marks()
        else:
            self.remove_class("-ask")
        self.set_focus(self.table)

    def action_help(self) -> None:
        """All keys."""
        self.plashui.action_help()

    def action_jobs(self) -> None:
        """What runs in the background."""
        from plashui.ui.screens.jobs import JobsScreen

        self.app.push_screen(JobsScreen(self.plashui.jobs, self.start_job))

    def action_reread(self) -> None:
        """Read the store again."""
        self.reread()

    def action_leave(self) -> None:
        """Quit."""
        self.plashui.action_leave()
