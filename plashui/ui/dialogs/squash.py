"""The dialog before a squash: down to which image, and what it would save."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import NameTaken, PlashError
from plashui.base.progress import Cancel, Report
from plashui.base.terminal_text import clean
from plashui.model.forest import EMPTY_IMAGE, Forest
from plashui.operations.squash import Squash, plan_squash, squash
from plashui.store.disk_usage import measured
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.store import Store
from plashui.ui.dialogs.base import (
    TAB_AT_ONCE,
    Dialog,
    button,
    line_text,
    shown_line,
    text,
)
from plashui.ui.dialogs.question import take_question
from plashui.ui.model.forms.new_image import (
    line_with_name,
    made,
    taken_hint,
    taken_names,
)
from plashui.ui.model.images.row_cells import shown_size
from plashui.ui.model.jobs.job import Outcome, Work
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.text_field import TextField

_REST: Final = 0.2
"""Seconds the cursor rests on a line before its savings are calculated."""

_MOST: Final = 8
"""Most rows of the list."""


@dataclass(frozen=True)
class Planned:
    """A squash, the forest it was planned for, and the name of the new image."""

    forest: Forest
    plan: Squash
    name: NewName = UNNAMED


def ancestor_lines(forest: Forest, chain: list[int]) -> list[Line]:
    """List what the new layer can be built on: nothing, then the chain upwards."""
    digits = max(3, len(str(max(chain, default=0))))
    lines: list[Line] = [((" " * (digits + 1), ""), ("  the whole chain", ""))]
    for image in chain:
        size = shown_size(forest.own(image)).rjust(9)
        label = clean(forest.label(image))
        lines.append(
            ((f" {image:>{digits}}", "id"), (size, "faint"), (f"  {label}", ""))
        )
    return lines


class SquashScreen(Dialog[Planned]):
    """Ask what to squash; the answer is the plan shown, None for cancelled."""

    DEFAULT_CSS = """
    SquashScreen #chain {
        height: auto;
        max-height: 3;
        margin-top: 1;
        background: $boost;
    }
    SquashScreen.-short .hint { display: none; }
    """
    AUTO_FOCUS = "#chain"
    BINDINGS: ClassVar[list[BindingType]] = [
        *TAB_AT_ONCE,
        Binding("enter", "go", show=False),
    ]

    @dataclass
    class Worked(Message):
        """The plan of a squash onto an image, or the error."""

        onto: int
        outcome: Planned | Exception

    def __init__(self, store: Store, forest: Forest, image: int) -> None:
        """Ask about squashing this image."""
        super().__init__()
        self.title_text = f"Squash image {image}"
        self._store, self._forest, self._image = store, forest, image
        self._chain = forest.lineage(image)[:0:-1]
        self._planned: Planned | None = None
        self._wanted = False
        """Whether to squash as soon as the plan is known."""
        self._taken = taken_names(forest)
        self._cancel = Cancel()
        self._resting: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Yield the chain, the savings and the field for the name."""
        yield text(
            "Merge all layers above the chosen one into one; the old images stay.",
            "hint",
        )
        lines = ancestor_lines(self._forest, self._chain)
        yield LineList(lines, choose=True, id="chain")
        yield text("", name="saving")
        field = TextField(placeholder="name of the new image (optional)")
        field.cursor_blink = False
        yield field
        yield text("", "warning", name="taken")
        yield line_text()

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, squash."""
        yield button("Back", "safe")
        yield button("Squash", "go")

    def on_mount(self) -> None:
        """Plan the squash of the whole chain."""
        self._plan()
        self.show_line()

    def on_resize(self) -> None:
        """Fit the list to the room there is."""
        self.fit(self.query_one("#chain"), _MOST)

    @on(LineList.Moved)
    @on(Input.Changed)
    def show_line(self) -> None:
        """Show the command line that does the same."""
        onto = self._onto()
        words = ["--onto", str(onto)] if onto != EMPTY_IMAGE else []
        line = line_with_name(
            ["squash", *words, str(self._image)],
            {"name": self._typed()},
            self._store.root,
        )
        self.query_one("#line", Static).update(shown_line(line))
        hint = self.query_one("#taken", Static)
        hint.update(taken_hint(self._taken, self._typed()))
        hint.display = bool(taken_hint(self._taken, self._typed()))

    def _onto(self) -> int:
        at = self.query_one(LineList).cursor
        return self._chain[at - 1] if at else EMPTY_IMAGE

    @on(LineList.Moved)
    def _moved(self) -> None:
        """Calculate the savings once the cursor rests."""
        self._unplan()
        self._resting = self.set_timer(_REST, self._plan)

    def _unplan(self) -> None:
        self._cancel.set()
        if self._resting is not None:
            self._resting.stop()
        self._planned, self._wanted = None, False
        self.query_one("#go", Button).disabled = False
        self._say("Calculating …")

    def _plan(self) -> None:
        self._unplan()
        self._cancel = Cancel()
        work = partial(self._work_out, self._onto(), self._cancel)
        self.run_worker(
            work, thread=True, exclusive=True, group="plan", exit_on_error=False
        )

    def _work_out(self, onto: int, cancel: Cancel) -> None:
        """Plan the squash, in a thread."""
        outcome: Planned | Exception
        try:
            forest = measured(self._store, self._forest)
            plan = plan_squash(self._store, forest, self._image, onto, cancel=cancel)
            outcome = Planned(forest, plan)
        except (PlashError, OSError) as error:
            outcome = error
        if not cancel.is_set():
            self.post_message(self.Worked(onto, outcome))

    @on(Worked)
    def worked(self, event: Worked) -> None:
        """Show the plan, which can be carried out from this moment."""
        if event.onto != self._onto():
            return
        if isinstance(event.outcome, Planned):
            self._planned = event.outcome
            self._say(f"{event.outcome.plan.sentence()}.")
        else:
            self._say(clean(str(event.outcome)))
        self.on_resize()
        self.query_one("#go", Button).disabled = self._planned is None
        if self._wanted and self._planned is not None:
            self.action_go()

    def _say(self, words: str) -> None:
        self.query_one("#saving", Static).update(words)

    def action_go(self) -> None:
        """Squash what is shown, as soon as it is known."""
        self._wanted = True
        if self._planned is None:
            return
        try:
            name = NewName(self._typed())
            name.check(self._store)
        except NameTaken as taken:
            self._wanted = False
            self.app.push_screen(take_question(taken), self._took)
        except (PlashError, OSError) as error:
            self._wanted = False
            self._say(clean(str(error)))
        else:
            self._answer(name)

    def _took(self, sure: bool | None) -> None:
        if sure:
            self._answer(NewName(self._typed(), force=True))

    def _answer(self, name: NewName) -> None:
        if self._planned is not None:
            self.dismiss(Planned(self._planned.forest, self._planned.plan, name))

    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Squash, as the button does."""
        self.action_go()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        if event.button.id == "go":
            self.action_go()
        else:
            self.dismiss(None)

    def on_unmount(self) -> None:
        """Stop calculating."""
        self._cancel.set()


def squashing(store: Store, planned: Planned) -> Work:
    """Return the work of a job that carries out the plan."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        forest, plan, name = planned.forest, planned.plan, planned.name
        name.check(store)
        image = squash(store, forest, plan, report=report, cancel=cancel)
        name.give(store, image)
        return made(image, name)

    return work
