"""Actions that move around: marks, filter, details, jobs, help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.model.jobs.job import Job
    from plashui.ui.store_view.describer import Describer
    from plashui.ui.store_view.filter_field import FilterField
    from plashui.ui.store_view.footer import Footer
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class NavigateActions(ActionFamily):
    """Move around in the view; none of these actions changes the store."""

    def __init__(
        self,
        view: StoreView,
        reader: StoreReader,
        describer: Describer,
        field: FilterField,
        footer: Footer,
        jobs: JobRunner,
    ) -> None:
        """Move around in `view` with the objects around it."""
        super().__init__(view)
        self.reader, self.describer, self.field = reader, describer, field
        self.footer, self.jobs = footer, jobs

    def mark(self) -> None:
        """Mark or unmark the image under the cursor; in the tree, go to the next."""
        if self.view.usage_map is None and not self.view.details.has_focus_within:
            self.view.table.switch_mark()
        elif self.view.image is not None:
            on_map = self.view.usage_map is not None
            self.view.table.toggle_mark(self.view.image, alone=on_map)
        if self.view.usage_map is not None:
            self.view.usage_map.redraw()

    def mark_range(self) -> None:
        """Mark from here to wherever the cursor goes, until the key comes again."""
        self.view.leave_page()
        if self.view.usage_map is None and not self.view.table.end_span():
            self.view.table.begin_span(stays=True)

    def mark_all(self) -> None:
        """Mark all images that the filter finds; if they are marked, unmark them."""
        table = self.view.table
        found = set(table.matches())
        some = table.marks - found
        table.mark_only(some if found <= table.marks else some | found)
        self.view.redraw_map()

    def mark_others(self) -> None:
        """Mark what is not marked, of what the filter finds, and unmark the rest."""
        table = self.view.table
        table.mark_only(table.marks.symmetric_difference(table.matches()))
        self.view.redraw_map()

    def last_tab(self) -> None:
        """Show the tab before; show the details if they are hidden."""
        if self.view.details.display:
            self.view.details.next_tab(-1)
        else:
            self.describer.switch()

    def open_all(self) -> None:
        """Open every branch of the tree."""
        self.view.leave_page()
        self.view.table.open_all()

    def close_all(self) -> None:
        """Close every branch of the tree."""
        self.view.leave_page()
        self.view.table.close_all()

    def details(self) -> None:
        """Show or hide the details; from full-screen details, return to the images."""
        self.describer.switch()

    def tab(self) -> None:
        """Show the next tab of the details; show the details if they are hidden."""
        if self.view.details.display:
            self.view.details.next_tab()
        else:
            self.describer.switch()

    def inside(self) -> None:
        """Focus the details; from there, switch to full screen."""
        if (
            self.view.details.has_focus_within
            or not self.view.details.display
            or not self.view.is_wide
        ):
            self.view.switch_page()
        self.view.after_refresh(self._enter)

    def _enter(self) -> None:
        if self.view.details.display:
            self.view.details.enter()
        else:
            self.view.focus(self.view.front)
        self.footer.show()

    async def filter(self) -> None:
        """Open the filter field; keys typed right after go to it."""
        if not self.view.forest.images:
            return
        self.view.leave_page()
        self.view.leave_map()
        await self.field.open()

    def back(self) -> None:
        """Go back one step: details, zoom, map, filter, marks."""
        if self.view.table.end_span() or self.view.leave_page():
            return
        if self.view.details.has_focus_within:
            self.view.focus(self.view.front)
            return
        if self.view.usage_map is not None:
            if self.view.usage_map.zoomed:
                self.view.usage_map.action_zoom_out()
            else:
                self.view.leave_map()
            return
        if not self.field.close():
            if self.view.marked:
                self.view.clear_marks()
            else:
                self.view.hide_asked()
        self.view.focus(self.view.table)

    def help(self) -> None:
        """Show all keys."""
        self.host.action_help()

    def tour(self) -> None:
        """Show what is where."""
        from plashui.ui.dialogs.tour import Tour

        self.view.ask(Tour(self.host.key))

    def show_jobs(self) -> None:
        """Show the background jobs."""
        from plashui.ui.screens.jobs import JobsScreen

        self.view.ask(JobsScreen(self.host.jobs, self.jobs.start, self._debug))

    def _debug(self, job: Job) -> None:
        """Open a shell in the step of a build that has failed."""
        from plashui.ui.screens.step_shell import FailedBuild

        if not self.view.refused():
            failed = FailedBuild(self.view, self.reader, self.jobs)
            self.view.at_terminal(partial(failed.debug, job))

    def show_running(self) -> None:
        """Show all that runs in images; go to the image of a process."""
        from plashui.ui.screens.running import RunningScreen

        def chosen(image: int | None) -> None:
            if image is not None:
                self.view.leave_page()
                self.view.reveal(image)

        self.view.ask(RunningScreen(self.view.forest), chosen)

    def reread(self) -> None:
        """Read the store again."""
        self.reader.reread()

    def leave(self) -> None:
        """Quit."""
        self.host.action_leave()
