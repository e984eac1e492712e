"""What all families of actions need: the image chosen, refusals, jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.timer import Timer
from textual.worker import WorkType

from plashui.base.errors import PlashError
from plashui.ui.model.action import Now
from plashui.ui.model.jobs import Job, State, Work
from plashui.ui.model.messages import JobEnded, JobWanted
from plashui.ui.store_view.reader import ReadingScreen
from plashui.ui.widgets.job_strip import JobStrip
from plashui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from plashui.store.saved_changes import Kept


class ActingScreen(ReadingScreen):
    """A screen over a store from which things are done; each family derives from it."""

    _ticking: Timer | None = None
    """Draws the strip of jobs while there are any."""

    def chosen(self) -> tuple[int | None, list[int]]:
        """The image under the cursor, and the marked ones."""
        return self.image, sorted(self.table.marks)

    def now(self) -> Now:
        """What an action would act on."""
        image, marked = self.chosen()
        return Now(image, tuple(marked), (), self.store.root)

    def refused(self) -> bool:
        """Whether nothing may be changed here; says so."""
        if self.plashui.read_only:
            self.plashui.tell("Read-only store", severity="warning")
        return self.plashui.read_only

    def can_undo(self, removed: tuple[str, ...]) -> None:
        """These are in the trash now, by one deed, which can be undone."""
        raise NotImplementedError

    def discard_changes(self, changes: Kept) -> None:
        """In a thread: move unsaved changes to the trash."""
        raise NotImplementedError

    def nothing_under_cursor(self) -> bool:
        """Whether there is no image to act on; says so."""
        if self.image is None:
            self.plashui.tell("No image selected", severity="warning")
        return self.image is None

    def in_thread(self, work: Callable[..., None], *words: Any) -> None:
        """Do something short that may wait for the disk; tell of what goes wrong."""

        def guarded() -> None:
            try:
                work(*words)
            except (PlashError, OSError) as error:
                self.app.call_from_thread(self.plashui.fail, error)

        self.run_worker(guarded, thread=True, group="doing", exit_on_error=False)

    def at_terminal(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something that lends the terminal: one thing at a time.

        From now on nobody hears what is typed, until there is something to answer.
        """
        self.plashui.be_deaf()

        async def lent() -> None:
            try:
                await work()
            finally:
                self.plashui.hear_soon()

        lending: WorkType[None] = lent
        self.run_worker(lending, group="shell", exclusive=True, exit_on_error=False)

    def look_again(self, image: int) -> None:
        """Something beside an image has changed: read the store, and what is told."""
        self.reread()
        if image == self.image:
            self.look_into(image)

    def start_job(self, title: str, work: Work, root: str = "") -> Job:
        """Do the work in the background; it is about the store that is shown, or not.

        Done once more it is still about the same one, whichever is shown by then.
        """
        job = self.plashui.jobs.add(title, work, root or self.store.root)
        self.run_worker(
            partial(self._work, job), thread=True, group="jobs", exit_on_error=False
        )
        if self._ticking is None:
            self._ticking = self.set_interval(0.25, self._tick)
        self._ticking.resume()
        self._tick()
        return job

    def _work(self, job: Job) -> None:
        job.run()
        self.post_message(JobEnded(job))

    def _tick(self) -> None:
        """Draw the running jobs; stops with the last of them."""
        running = self.plashui.jobs.running()
        strips = self.query(JobStrip)
        if running and not strips:
            self.mount(
                JobStrip(self.plashui.key("jobs")), before=self.query_one(KeyBar)
            )
        for strip in self.query(JobStrip):
            strip.show(running)
        if not running and self._ticking is not None:
            self._ticking.pause()

    @on(JobWanted)
    def job_wanted(self, event: JobWanted) -> None:
        """A tab wants something done."""
        self.start_job(event.title, event.work)

    @on(JobEnded)
    def job_ended(self, event: JobEnded) -> None:
        """Say how a job ended."""
        self._tick()
        job = event.job
        root = job.root
        here = root == self.store.root
        failed = job.state is State.FAILED
        words = f"{job.title}{' failed' if failed else ''}: {job.outcome}"
        if not here:
            words += f" (in the store {root})"
        self.plashui.tell(words, severity="error" if failed else "information")
        self.plashui.call_away(words)
        self.reread(job.image if here else None)
        self.on_job_over(job)

    def on_job_over(self, job: Job) -> None:
        """Let the trash, or the jobs, if on screen, read itself again."""
        reread: Callable[[], Any] | None = getattr(self.app.screen, "reread", None)
        if self.app.screen is not self and reread is not None and not job.running:
            reread()
