"""The page that shows what works on this machine, and how to fix the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import plural
from plashui.operations.doctor import Finding, diagnose
from plashui.store.store import Store
from plashui.ui.model.details.describe import wrapped
from plashui.ui.model.host import host_of
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.panel import Panel
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

KEYS = (
    Key("r", "Run again", "again", 1),
    Key("j k", "Scroll", "", 2),
    Key("esc", "Back", "app.pop_screen"),
)

_MARGIN = 11
"""Width of the word before each finding, in cells."""


def verdict(findings: Sequence[Finding]) -> str:
    """Summarize the findings in a few words."""
    wrong = [found for found in findings if not found.ok]
    needed = [found for found in wrong if not found.optional]
    if not wrong:
        return "all checks pass"
    if needed:
        return f"{plural(len(needed), 'problem')}"
    return "all required checks pass"


def doctor_lines(findings: Sequence[Finding], width: int) -> list[Line]:
    """Format the findings, each with its state and, below it, the full remedy."""
    lines: list[Line] = []
    for found in findings:
        word, kind = _word(found)
        room = max(20, width - _MARGIN - 1)
        what = clean(found.what)
        why = f": {clean(found.why)}" if found.why else ""
        first, *rest = wrapped(what + why, room)
        lines.append(
            (
                (f" {word:<{_MARGIN - 1}}", kind),
                (first[: len(what)], "strong"),
                (first[len(what) :], ""),
            )
        )
        lines += [((" " * _MARGIN, ""), (piece, "")) for piece in rest]
        if found.remedy:
            pieces = wrapped(clean(found.remedy), room - 2)
            for at, piece in enumerate(pieces):
                sign = "→ " if at == 0 else "  "
                lines.append(((" " * _MARGIN, ""), (f"{sign}{piece}", "id")))
        if found.remedy or rest:
            lines.append(())
    return lines


def _word(found: Finding) -> tuple[str, str]:
    if found.ok:
        return "works", "good"
    return ("optional", "faint") if found.optional else ("FAILED", "warn")


class DoctorScreen(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """All findings, to scroll through; a key runs the checks again."""

    help_section = "This machine"
    DEFAULT_CSS = "DoctorScreen Panel { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,D", "app.pop_screen", "Back", show=False),
        Binding("r,f5", "again", "Run again", show=False),
    ]

    @dataclass
    class Tried(Message):
        """The findings, or the error."""

        outcome: list[Finding] | Exception

    def __init__(self, store: Store) -> None:
        """Check what this store needs."""
        super().__init__()
        self._store = store
        self._findings: list[Finding] = []

    def compose(self) -> ComposeResult:
        """Yield the top line, the findings and the keys."""
        yield TopLine("doctor")
        with Panel() as panel:
            yield LineList([((" Checking …", "faint"),)])
        panel.entitle([("This machine", "accent")])
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Run all checks."""
        self.action_again()

    def action_again(self) -> None:
        """Run all checks, in a thread."""
        self.query_one(TopLine).show("checking …")
        self.run_worker(
            self._try, thread=True, exclusive=True, group="try", exit_on_error=False
        )

    def _try(self) -> None:
        try:
            self.post_message(self.Tried(diagnose(self._store)))
        except (PlashError, OSError) as error:
            self.post_message(self.Tried(error))

    def on_doctor_screen_tried(self, event: Tried) -> None:
        """Show the findings."""
        if isinstance(event.outcome, Exception):
            app = host_of(self)
            app.fail(event.outcome)
            self.query_one(TopLine).show("the check failed")
            return
        self._findings = event.outcome
        self.query_one(TopLine).show(verdict(self._findings))
        self._draw()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        if self._findings:
            self._draw()

    def _draw(self) -> None:
        lines = doctor_lines(self._findings, self.size.width - 4)
        self.query_one(LineList).show(lines)
