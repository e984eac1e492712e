"""Leftovers of killed programs are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.base.progress import Cancel, Report
    from plashui.store.store import Store
    from plashui.ui.model.jobs import Outcome, Work
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.view import StoreView


class CleanActions(ActionFamily):
    """A job, since there may be much."""

    def __init__(self, view: StoreView, jobs: JobRunner) -> None:
        """Clean the store of this view, as a job."""
        super().__init__(view)
        self.jobs = jobs

    def clean(self) -> None:
        """Clean the store."""
        if not self.view.refused():
            self.jobs.start("cleaning", cleaning(self.view.store))


def cleaning(store: Store) -> Work:
    """The work of cleaning."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.operations.gc import clean
        from plashui.ui.model.jobs import Outcome

        done = clean(store, report=report, cancel=cancel)
        trouble = [str(done.trouble)] if done.trouble else []
        return Outcome("; ".join([done.sentence(), *done.warnings(), *trouble]))

    return work
