"""A shell in what a failed build left, and what becomes of the build."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from plashui.base.errors import PlashError
from plashui.operations.failed_shell import FailedShell, failed_shell
from plashui.recipes.build import resumed_by
from plashui.recipes.step import StepFailed
from plashui.ui.dialogs.shells.step_return import StepReturn, StepState
from plashui.ui.model import undo
from plashui.ui.model.builds.work import Build, CommandBuild
from plashui.ui.model.forms.new_image import made
from plashui.ui.screens.jobs import JobsScreen, command_failed
from plashui.ui.screens.shell import ImageShell

if TYPE_CHECKING:
    from plashui.ui.model.jobs.job import Job
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class FailedBuild:
    """Open what a failed job left on the real terminal, and go on from there."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Run in images of `view`; `jobs` does the rest of a build."""
        self.view, self.reader, self.jobs, self.host = view, reader, jobs, view.host
        self._shell = ImageShell(view, reader)

    async def debug(self, job: Job) -> None:
        """Open a shell in what has failed; ask what becomes of it."""
        failed, work = command_failed(job), job.work
        if (
            failed is None
            or failed.settled
            or not isinstance(work, Build | CommandBuild)
        ):
            return
        with ExitStack() as stack:
            try:
                opening = failed_shell(failed)
                shell = await asyncio.to_thread(stack.enter_context, opening)
                await self._ask(job, work, shell)
            except (PlashError, OSError, SuspendNotSupported) as error:
                failed.settled = False
                self.host.fail(error)
            await asyncio.to_thread(stack.close)
        self.reader.reread()

    async def _ask(
        self, job: Job, work: Build | CommandBuild, shell: FailedShell
    ) -> None:
        way = shell.session.way
        shell.session.way = way._replace(shell=self.host.config.shell)
        while True:
            line = "\n".join([shell.session.line, *shell.told()])
            self._shell.lend(line, shell.run, "the shell", reads=False)
            changes = await asyncio.to_thread(shell.session.changes)
            failed = shell.failed
            place = f"{failed.at}: " if failed.at else ""
            step = f"{place}{failed.shown}" if isinstance(work, Build) else ""
            state = StepState(job.title, step, changes.files, changes.bytes)
            answer = await self.view.wait_for(StepReturn(state))
            if answer != "again":
                break
        shell.failed.settled = answer in ("on", "discard")
        if answer == "on":
            await self._go_on(job, work, shell)
        elif answer == "discard":
            name = await asyncio.to_thread(shell.session.discard)
            if name is not None:
                deed = undo.removed((name,), f"Discard what failed of {job.title}")
                self.view.journal.note(deed)
            self.host.tell(f"What failed was discarded - {self.host.key('undo')} undo")
        elif shell.kept:
            image = shell.session.image
            key = self.host.key("shell")
            self.host.tell(
                f"Kept as unsaved changes of image {image} - {key} resumes them"
            )
        else:
            self.host.tell("Nothing was changed")

    async def _go_on(
        self, job: Job, work: Build | CommandBuild, shell: FailedShell
    ) -> None:
        """Make the state an image; then do the rest of the build, if there is one."""
        failed = shell.failed
        if not isinstance(work, Build):
            image = await asyncio.to_thread(shell.keep, work.name)
            self.host.tell(made(image, work.name).sentence.capitalize())
            return
        image = await asyncio.to_thread(shell.keep)
        assert isinstance(failed, StepFailed)  # noqa: S101 - a plan fails at a step
        going_on = work.going_on(resumed_by(failed, image))
        self.jobs.start(job.title, going_on, job.root)
        page = self.view.screen.app.screen
        if isinstance(page, JobsScreen):
            page.follow()
