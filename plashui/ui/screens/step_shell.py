"""A shell in the failed step of a build, and what becomes of the build."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from plashui.base.errors import PlashError
from plashui.recipes.failed import StepShell, step_shell
from plashui.ui.dialogs.shells.step_return import StepReturn, StepState
from plashui.ui.model import undo
from plashui.ui.model.builds.work import Build
from plashui.ui.screens.jobs import JobsScreen, step_failed
from plashui.ui.screens.shell import ImageShell

if TYPE_CHECKING:
    from plashui.ui.model.jobs.job import Job
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class FailedBuild:
    """Open the failed step of a job on the real terminal, and go on from there."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Run in images of `view`; `jobs` does the rest of a build."""
        self.view, self.reader, self.jobs, self.host = view, reader, jobs, view.host
        self._shell = ImageShell(view, reader)

    async def debug(self, job: Job) -> None:
        """Open a shell in the step that has failed; ask what becomes of it."""
        failed, work = step_failed(job), job.work
        if failed is None or not isinstance(work, Build):
            return
        with ExitStack() as stack:
            try:
                opening = step_shell(work.store, failed)
                shell = await asyncio.to_thread(stack.enter_context, opening)
                await self._ask(job, work, shell)
            except (PlashError, OSError, SuspendNotSupported) as error:
                self.host.fail(error)
            await asyncio.to_thread(stack.close)
        self.reader.reread()

    async def _ask(self, job: Job, work: Build, shell: StepShell) -> None:
        way = shell.session.way
        shell.session.way = way._replace(shell=self.host.config.shell)
        while True:
            line = "\n".join([shell.session.line, *shell.told()])
            self._shell.lend(line, shell.run, "the shell", reads=False)
            changes = await asyncio.to_thread(shell.session.changes)
            failed = shell.failed
            place = f"{failed.at}: " if str(failed.at) else ""
            step = f"{place}{failed.doing.seen.step.shown}"
            state = StepState(job.title, step, changes.files, changes.bytes)
            answer = await self.view.wait_for(StepReturn(state))
            if answer != "again":
                break
        if answer == "on":
            resumed = await asyncio.to_thread(shell.go_on)
            self.jobs.start(job.title, work.going_on(resumed), job.root)
            page = self.view.screen.app.screen
            if isinstance(page, JobsScreen):
                page.follow()
        elif answer == "discard":
            name = await asyncio.to_thread(shell.session.discard)
            if name is not None:
                deed = undo.removed((name,), f"Discard a failed step of {job.title}")
                self.view.journal.note(deed)
            self.host.tell(
                f"The failed step was discarded - {self.host.key('undo')} undo"
            )
        elif shell.kept:
            image = shell.session.image
            key = self.host.key("shell")
            self.host.tell(
                f"Kept as unsaved changes of image {image} - {key} resumes them"
            )
        else:
            self.host.tell("Nothing was changed")
