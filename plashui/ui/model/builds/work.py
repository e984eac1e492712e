"""The jobs of builds: of a command, or of a plan, each step of which is a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from plashui.base.progress import Cancel, Progress, Report, StepProgress
from plashui.recipes.watch import Told, Watch
from plashui.ui.model.builds.step_lines import planned
from plashui.ui.model.jobs.job import Outcome

if TYPE_CHECKING:
    from plashui.recipes.build import Resumed
    from plashui.recipes.look import Options, SeenStage
    from plashui.store.new_name import NewName
    from plashui.store.run_spec import Way
    from plashui.store.store import Store
    from plashui.ui.model.builds.wanted import Wanted


@dataclass(frozen=True)
class CommandBuild:
    """The work of a job that builds on an image by a command."""

    store: Store
    image: int
    way: Way
    name: NewName

    def __call__(self, report: Report, cancel: Cancel) -> Outcome:
        """Build it; return the image."""
        from plashui.operations.build import build
        from plashui.ui.model.forms.new_image import made

        self.name.check(self.store)
        image = build(self.store, self.image, self.way, report=report, cancel=cancel)
        self.name.give(self.store, image)
        return made(image, self.name)


@dataclass(frozen=True)
class Build:
    """The work of a job that carries out a plan, which it makes when it begins.

    `resumed` are what stands for steps that have failed before.
    """

    store: Store
    wanted: Wanted
    options: Options
    name: NewName
    resumed: tuple[Resumed, ...] = ()

    def __call__(self, report: Report, cancel: Cancel) -> Outcome:
        """Build it; return the image."""
        from plashui.recipes.build import build
        from plashui.ui.model.forms.new_image import made

        self.name.check(self.store)
        image = build(
            self.store,
            self.wanted.plan(self.store),
            self.options,
            resumed=self.resumed,
            watch=Board(report),
            cancel=cancel,
        )
        self.name.give(self.store, image)
        return made(image, self.name)

    def going_on(self, resumed: Resumed) -> Build:
        """Return the rest of it, from a step that has been set right by hand."""
        # What was just built is not to be built once more.
        options = self.options._replace(cached=True, pull=False)
        return replace(self, resumed=(*self.resumed, resumed), options=options)


def work_of(store: Store, wanted: Wanted, name: NewName) -> Build:
    """Return the work of a job that builds what a form says."""
    return Build(store, wanted, wanted.options, name)


class Board(Watch):
    """Hears what a build does, and reports where each of its steps is."""

    def __init__(self, report: Report) -> None:
        """Report to this job."""
        self._report, self._lock = report, Lock()
        self._steps: dict[str, StepProgress] = {}

    def planned(self, stages: tuple[SeenStage, ...]) -> None:
        """Report all steps; those in the cache are done."""
        with self._lock:
            self._steps = {step.where: step for step in planned(stages)}
            self._tell("")

    def step(self, told: Told) -> None:
        """Report what has become of a step."""
        where = told.where
        image = f"image {told.image}"
        with self._lock:
            if told.state == "begun":
                step = StepProgress(where, told.shown, "runs", told.why)
            elif told.state == "failed":
                step = StepProgress(where, told.shown, "failed", told.why)
            elif told.state == "made":
                step = StepProgress(where, told.shown, "made", image)
            else:
                by_hand = ", by hand" if told.state == "by hand" else ""
                step = StepProgress(where, told.shown, "cached", f"{image}{by_hand}")
            self._steps[where] = step
            self._tell(str(told) if told.state not in ("made", "failed") else "")

    def output(self, told: Told, progress: Progress) -> None:
        """Report a line of output of a step."""
        where = told.where
        with self._lock:
            if progress.what.strip():
                step = StepProgress(where, told.shown, "runs", progress.what)
                self._steps[where] = step
            self._tell(progress.what if progress.unit == "lines" else "")

    def pull(self, progress: Progress) -> None:
        """Report how far the pull of an image is."""
        self._report(progress)

    def _tell(self, said: str) -> None:
        steps = tuple(self._steps.values())
        done = sum(step.state in ("cached", "made") for step in steps)
        self._report(Progress(said, done, len(steps), "steps", steps=steps))
