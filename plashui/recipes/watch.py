"""Hearing what a build does: its plan, its steps one by one, and their output."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Literal

    from plashui.base.progress import Progress
    from plashui.recipes.look import SeenStage
    from plashui.recipes.plan import Stage

    State = Literal["cached", "by hand", "begun", "made", "failed"]


def shown_name(stage: Stage) -> str:
    """Return the name of one of several stages; some have only a number."""
    if stage.name.isdecimal():
        return f"stage-{stage.name}"
    return stage.name or "the image"


class Told(NamedTuple):
    """What has become of a step, the `number`th `of` so many in a stage.

    `stage` is "" if there is only one. A step that is "cached", "by hand" or "made" has
    its image; one that has "begun" says why it is not cached, one that has "failed"
    how it ended.
    """

    stage: str
    number: int
    of: int
    shown: str
    state: State
    image: int | None = None
    why: str = ""

    @property
    def where(self) -> str:
        """Its stage and number: `site 3/7`."""
        return f"{self.stage} {self.number}/{self.of}".strip()

    def __str__(self) -> str:
        """Say it in a line."""
        where = self.where
        if self.state == "begun":
            return f"[{where}] {self.shown} ({self.why})"
        if self.state == "failed":
            return f"[{where}] {self.shown} {self.why}"
        how = ", by hand" if self.state == "by hand" else ""
        return f"[{where}] image {self.image}{how}: {self.shown}"


class Watch:
    """Hears what a build does; this one ignores it.

    Stages are built side by side, so it may hear of several steps in turns, each in a
    thread of its own.
    """

    def planned(self, stages: tuple[SeenStage, ...]) -> None:
        """Hear what is in the cache, before anything is done."""

    def step(self, told: Told) -> None:
        """Hear what has become of a step."""

    def output(self, told: Told, progress: Progress) -> None:
        """Hear a line of output of a step, or how far it is."""

    def pull(self, progress: Progress) -> None:
        """Hear how far the pull of an image is with which a stage begins."""
