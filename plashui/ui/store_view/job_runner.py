"""Run background jobs from the main screen, and report how they ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from textual.timer import Timer

from plashui.store.store import Store
from plashui.ui.model import undo
from plashui.ui.model.jobs.job import Job, State, Work
from plashui.ui.model.messages import JobEnded
from plashui.ui.store_view.reader import StoreReader
from plashui.ui.store_view.view import StoreView
from plashui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from plashui.ui.widgets.job_panel import JobPanel
    from plashui.ui.widgets.job_strip import JobStrip

NICE: Final = 10
"""How much lower the priority of a job is than that of the screen."""


class JobRunner:
    """Run each job in a thread of its own; a strip or a panel shows them."""

    def __init__(self, view: StoreView, reader: StoreReader) -> None:
        """Run jobs on the store of `view`; `reader` reads it after each job."""
        self._view, self._reader = view, reader
        self._then: dict[Job, Callable[[], None]] = {}
        self._ticking: Timer | None = None
        """Draws the jobs while any run."""
        self._any = False

    def start(
        self,
        title: str,
        work: Work,
        root: str = "",
        *,
        then: Callable[[], None] | None = None,
    ) -> Job:
        """Do the work in the background, on the store `root` or the one shown.

        A job that is run again keeps its store, even if another one is shown. `then`
        is called once it has succeeded.
        """
        view = self._view
        job = view.host.jobs.add(title, work, root or view.store.root)
        if then is not None:
            self._then[job] = then
        view.in_worker(partial(self._work, job), "jobs")
        if self._ticking is None:
            self._ticking = view.screen.set_interval(0.25, self._tick)
        self._ticking.resume()
        self._tick()
        return job

    def _work(self, job: Job) -> None:
        """Run the job, in a thread.

        Its own thread has a lower priority, so that a busy machine answers keys first.
        All that it starts inherits that, and it cannot be raised again.
        """

        took: list[tuple[str, int]] = []

        def run() -> None:
            os.nice(NICE)  # on Linux, of this thread only
            before = Store(job.root).names()
            job.run()
            took.extend(_took(job, before))

        own = Thread(target=run, name="job")
        own.start()
        own.join()
        self._view.screen.post_message(JobEnded(job, tuple(took)))

    def _tick(self) -> None:
        """Draw the jobs; stop with the last that runs."""
        running = self._view.host.jobs.running()
        self.fit()
        if not running and self._ticking is not None:
            self._ticking.pause()

    def fit(self) -> None:
        """Draw the running jobs as a strip, or with those failed as a panel."""
        host, view = self._view.host, self._view
        running, failed = host.jobs.running(), host.jobs.failed()
        self._any = self._any or bool(running or failed)
        if not self._any:
            return
        from plashui.ui.widgets.job_panel import JobPanel
        from plashui.ui.widgets.job_strip import JobStrip

        self._draw(JobStrip, [] if view.is_vast else running)
        self._draw(JobPanel, [*running, *failed] if view.is_vast else [])

    def _draw(self, kind: type[JobStrip | JobPanel], jobs: Sequence[Job]) -> None:
        screen = self._view.screen
        if jobs and not screen.query(kind):
            made = kind(self._view.host.key("jobs"))
            screen.mount(made, before=screen.query_one(KeyBar))
        for one in screen.query(kind):
            one.show(jobs)

    def ended(self, event: JobEnded) -> None:
        """Report how a job ended."""
        self._tick()
        host, job = self._view.host, event.job
        root = job.root
        here = root == self._view.store.root
        for name, owner in event.took if here else ():
            if job.image is not None:
                self._view.journal.note(undo.took(job.image, name, owner))
        failed = job.state is State.FAILED
        words = f"{job.title}{' failed' if failed else ''}: {job.outcome}"
        if not here:
            words += f" (in the store {root})"
        host.tell(words, severity="error" if failed else "information")
        host.call_away(words)
        self._reader.reread(job.image if here else None)
        self._let_page_reread(job)
        then = self._then.pop(job, None)
        if then is not None and job.state is State.DONE:
            then()

    def _let_page_reread(self, job: Job) -> None:
        """Let the page on top, such as trash or jobs, read its content again."""
        page = self._view.screen.app.screen
        reread: Callable[[], Any] | None = getattr(page, "reread", None)
        if page is not self._view.screen and reread is not None and not job.running:
            reread()


def _took(job: Job, before: Mapping[int, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Yield the names that a job took for its image, and whose they were before."""
    if job.image is None:
        return
    mine = Store(job.root).names().get(job.image, ())
    for owner, names in before.items():
        if owner != job.image:
            yield from ((name, owner) for name in names if name in mine)
