"""Leftovers of killed programs are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActingScreen

if TYPE_CHECKING:
    from plashui.base.progress import Cancel, Report
    from plashui.store.store import Store
    from plashui.ui.model.jobs import Outcome, Work


class Tidying(ActingScreen):
    """A job, since there may be much."""

    def action_clean(self) -> None:
        """Clean the store."""
        if not self.refused():
            self.start_job("cleaning", cleaning(self.store))


def cleaning(store: Store) -> Work:
    """The work of cleaning."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.operations.gc import clean
        from plashui.ui.model.jobs import Outcome

        done = clean(store, report=report, cancel=cancel)
        trouble = [str(done.trouble)] if done.trouble else []
        return Outcome("; ".join([done.sentence(), *done.warnings(), *trouble]))

    return work
