"""The plan of a build: what is in the cache, what is to do and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from plashui.base.errors import PlashError
from plashui.base.progress import StepProgress
from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button, text
from plashui.ui.model.builds.step_lines import (
    counted,
    planned,
    side_by_side,
    step_lines,
)
from plashui.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from plashui.store.store import Store
    from plashui.ui.model.builds.wanted import Wanted

_MOST = 30
"""Most lines that are shown at once."""


class PlanScreen(Dialog[bool]):
    """Show what a build would do; True if it shall be done."""

    DEFAULT_CSS = """
    PlanScreen {
        & #box { width: 110; }
        & #steps { height: auto; margin-top: 1; }
    }
    """
    AUTO_FOCUS = "#do"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
    ]

    @dataclass
    class Planned(Message):
        """The steps, or why there is no plan."""

        steps: Sequence[StepProgress]
        summary: str
        trouble: str = ""

    def __init__(self, store: Store, build: Wanted) -> None:
        """Show the plan of a build in a store."""
        super().__init__()
        self.title_text = clean(f"Plan: {build.title()}")
        self._store, self._build = store, build
        self._steps: Sequence[StepProgress] = ()

    def body(self) -> Iterable[Widget]:
        """Yield a summary, and the steps."""
        yield text("Looking at the cache …", name="sum")
        steps = LineList(id="steps")
        steps.can_focus = False
        yield steps
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, build."""
        yield button("Back", "safe")
        yield button("Build", "do")

    def on_mount(self) -> None:
        """Look at the plan."""
        self.query_one("#steps").display = False
        self.query_one("#trouble").display = False
        self._look()

    @work(thread=True, exclusive=True, group="plan", exit_on_error=False)
    def _look(self) -> None:
        from plashui.recipes.look import look

        try:
            plan = self._build.plan(self._store, looks=True)
            stages = look(self._store, plan, self._build.options)
            steps, beside = planned(stages), side_by_side(stages)
            words = "; ".join(filter(None, [counted(steps), beside]))
            message = self.Planned(steps, words)
        except (PlashError, OSError) as error:
            message = self.Planned((), "", str(error))
        with suppress(RuntimeError):  # the app has ended
            self.post_message(message)

    @on(Planned)
    def planned(self, event: Planned) -> None:
        """Show the steps."""
        self._steps = event.steps
        trouble, total = (
            self.query_one("#trouble", Static),
            self.query_one("#sum", Static),
        )
        trouble.update(clean(event.trouble))
        trouble.display = bool(event.trouble)
        total.update(clean(event.summary))
        total.display = not event.trouble
        self.on_resize()

    def on_resize(self) -> None:
        """Fit the lines to the width there is."""
        rows = self.query_one("#steps", LineList)
        rows.display = bool(self._steps)
        box = self.query_one("#box")
        width = (box.content_size.width or self.size.width * 94 // 100 - 6) - 1
        rows.show(step_lines(self._steps, width))
        self.fit(rows, _MOST)

    def action_scroll(self, by: int) -> None:
        """Scroll the steps."""
        self.query_one("#steps").scroll_relative(y=by, animate=False)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        self.dismiss(event.button.id == "do")
