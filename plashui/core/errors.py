"""What can go wrong, each as one sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plashui.core.plan import Plan


class PlashError(Exception):
    """WHAT: WHY, as the command line and the app show it, and what to do about it."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy

    def __str__(self) -> str:
        """The sentence, with the remedy behind it if there is one."""
        sentence = str(self.args[0])
        return f"{sentence}. {self.remedy}" if self.remedy else sentence


class Cancelled(PlashError):
    """The user stopped it; everything is as it was before."""

    def __init__(self, what: str = "cancelled") -> None:
        super().__init__(what)


class Holder(NamedTuple):
    """A process that runs in an image; 0 if it is not known, or it is a mount."""

    pid: int
    command: str
    image: int


class InUse(PlashError):
    """An operation was refused because processes run in the images it touches."""

    def __init__(self, sentence: str, holders: Sequence[Holder]) -> None:
        super().__init__(sentence)
        self.holders = tuple(holders)


class PlanChanged(PlashError):
    """The store changed since the preview; `plan` is what would go now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("the store changed since the preview")
        self.plan = plan
