"""The action that removes the leftovers of killed programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.base.progress import Cancel, Report
    from plashui.store.store import Store
    from plashui.ui.model.jobs.job import Outcome, Work
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.view import StoreView


class CleanActions(ActionFamily):
    """Clean the store as a job, because there may be much to delete."""

    def __init__(self, view: StoreView, jobs: JobRunner) -> None:
        """Clean the store that `view` shows."""
        super().__init__(view)
        self.jobs = jobs

    def clean(self) -> None:
        """Ask, then start the job."""
        if self.view.refused():
            return
        from plashui.ui.dialogs.question import Question

        words = (
            "Delete what killed programs left behind, and downloads that were "
            "abandoned. No image, no unsaved change and nothing in the trash goes."
        )
        self.view.ask(Question("Clean up?", words, yes="Clean up"), self._sure)

    def _sure(self, yes: bool | None) -> None:
        if yes:
            self.host.ran(self.host.entry("clean").line(self.view.now()))
            self.jobs.start("Clean up", cleaning(self.view.store))


def cleaning(store: Store) -> Work:
    """Return the work of a job that cleans the store."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.operations.gc import clean
        from plashui.ui.model.jobs.job import Outcome

        done = clean(store, report=report, cancel=cancel)
        trouble = [str(done.trouble)] if done.trouble else []
        return Outcome("; ".join([done.sentence(), *done.warnings(), *trouble]))

    return work
