"""The tab Processes: what runs in an image, with a way to end it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import Any, ClassVar, Final

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.model.forest import Forest
from plashui.processes.kill import end
from plashui.processes.ps import Running, running
from plashui.store.store import Store
from plashui.ui.model.details.live import (
    PERIOD,
    POINTS,
    Course,
    Look,
    Who,
    who,
)
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.text.lines import Line, cut
from plashui.ui.tabs.working import WorkingTab, sentence
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.line_list import LineList

KEYS: Final = (Key("K", "End the process", "end", 1),)

EVERYWHERE: Final = -1
"""Stands for all images."""
IMAGE_CELLS: Final = 18
FEW_IMAGE_CELLS: Final = 10
"""Cells of the image of a process, and those on narrow screens."""

WIDE: Final = 84
"""Cells from which on there are sparklines of the CPU."""


def process_lines(course: Course, asked: set[Who], width: int) -> list[Line]:
    """Format one line per process; `asked` are those asked to end."""
    lines: list[Line] = []
    for one in course.last.found if course.last is not None else ():
        share = f"{course.shares.get(who(one), 0.0):.0f} %"
        line = [(f" {one.pid or '-':>7}", "id")]
        if width >= 56:
            line.append((f"  {clean(one.user)[:10]:<10}", ""))
        if one.pid is not None:
            line.append((f"{share:>7}", ""))
            if width >= WIDE:
                line.append((f" {course.line_of(one):>{POINTS}}", "busy"))
            line.append((size(one.memory).rjust(8), ""))
        else:
            line.append((" " * (15 + (POINTS + 1) * (width >= WIDE)), ""))
        if width >= 70:
            line.append((f"  {one.how:<8}", "faint"))
        if who(one) in asked:
            line.append(("  ending", "warn"))
        line.append((f"  {clean(one.command)}", "strong"))
        lines.append(line)
    return lines


def image_cell(one: Running, forest: Forest, width: int) -> tuple[str, str]:
    """Return the image of a process, with its name."""
    label = clean(forest.label(one.image)) if one.image in forest else ""
    words = cut(f"{one.image} {label}".rstrip(), width)
    return set_cell_size(f" {words}", width + 1), "strong"


def sum_of(found: Sequence[Running]) -> str:
    """Return the number of processes and what they use together."""
    live = [one for one in found if one.pid is not None]
    mounts = len(found) - len(live)
    words = []
    if live:
        count = f"{len(live)} process{'' if len(live) == 1 else 'es'}"
        words = [count, size(sum(one.memory for one in live))]
    return ", ".join([*words, *([plural(mounts, "mount")] if mounts else [])])


def heading(width: int) -> str:
    """Return the headings of the columns."""
    user = f"  {'USER':<10}" if width >= 56 else ""
    how = f"  {'HOW':<8}" if width >= 70 else ""
    line = " " * (POINTS + 1) if width >= WIDE else ""
    return f" {'PID':>7}{user}{'CPU':>7}{line}{'MEMORY':>8}{how}  COMMAND"[:width]


class ProcessesTab(WorkingTab):
    """The processes of an image, updated while the tab is on top."""

    keys = KEYS
    DEFAULT_CSS = """
    ProcessesTab > Static { height: auto; }
    ProcessesTab > LineList { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("K,d", "end", "End the process", show=False)
    ]

    def __init__(self, *, everywhere: bool = False) -> None:
        """Start without a subject; `everywhere`: show what runs in all images."""
        super().__init__()
        self._everywhere = everywhere
        self._course = Course()
        self._asked: set[Who] = set()
        self._ticking: Timer | None = None
        self._image: int | None = None
        self._looking = False

    def compose(self) -> ComposeResult:
        """Yield the totals and the list."""
        yield Static("", markup=False)
        yield LineList(choose=True)

    def inner(self) -> Widget:
        """Return the list."""
        return self.query_one(LineList)

    def show(self, subject: Subject, *, new: bool) -> None:
        """Look at once, and then regularly."""
        self.subject = subject
        image = subject.image if subject.there else None
        image = EVERYWHERE if self._everywhere else image
        if image != self._image:
            self._image, self._course = image, Course()
            self.query_one(LineList).show(())
            self._say("Checking …" if image is not None else "")
        elif not new and self._ticking is not None:
            return
        self._tick_from_now(image)

    def _tick_from_now(self, image: int | None) -> None:
        self.leave()
        if image is not None:
            self._ticking = self.set_interval(PERIOD, self._tick)
            self._ask(rest=0.2)

    def leave(self) -> None:
        """Stop looking."""
        super().leave()
        self._looking = False
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def _tick(self) -> None:
        if self.app.screen is self.screen and not self._looking:
            self._ask(rest=0.0)

    def _ask(self, *, rest: float) -> None:
        if self._image is not None:
            self.begin(partial(look_at, self.store, self._image), rest=rest)
            self._looking = True

    def found(self, value: Any) -> None:
        """Show the processes found."""
        self._looking = False
        self._course.take(value)
        self._asked &= self._course.shares.keys()
        self._draw()

    def failed(self, error: Exception) -> None:
        """Show the error; the next look may succeed."""
        self._looking = False
        self._say(sentence(error))

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._draw()

    def _draw(self) -> None:
        if self._course.last is None:
            return
        found = self._course.last.found
        width = self.size.width - 1
        cells = IMAGE_CELLS if width >= WIDE else FEW_IMAGE_CELLS
        width -= (cells + 1) * self._everywhere
        if found:
            before = f" {'IMAGE':<{cells}}" if self._everywhere else ""
            use = self._course.use()
            words = sum_of(found)
            if use is not None and width >= WIDE:
                words += f" · {use.cpu:.0f} %  {use.cpu_line}"
            self._say(words, before + heading(width))
        else:
            self._say("No processes")
        lines = process_lines(self._course, self._asked, width)
        if self._everywhere:
            forest = self.subject.forest
            lines = [
                [image_cell(one, forest, cells), *line]
                for one, line in zip(found, lines, strict=True)
            ]
        self.query_one(LineList).show(lines)

    def _say(self, words: str, columns: str = "") -> None:
        more = f"\n{columns}" if columns else ""
        self.query_one(Static).update(f" {clean(words)}{more}")

    @property
    def chosen(self) -> Running | None:
        """The process under the cursor."""
        at = self.query_one(LineList).cursor
        last = self._course.last
        found = last.found if last is not None else ()
        return found[at] if at < len(found) else None

    def action_end(self) -> None:
        """End the process under the cursor, after a question."""
        one = self.chosen
        if one is None:
            self.plashui.tell("No process selected", severity="warning")
            return
        if self.plashui.read_only:
            self.plashui.tell("Read-only store", severity="warning")
            return
        force = who(one) in self._asked
        from plashui.ui.dialogs.question import Question

        what = f"Process {one.pid} of {one.user} in image {one.image}:\n{one.command}"
        if force:
            what += (
                "\nIt was asked to end but still runs. Killed, it cannot save its work."
            )
        question = Question(
            "Kill this process?" if force else "End this process?",
            what,
            yes="Kill process" if force else "End process",
        )
        if one.pid is None:
            self._end(one, force=False)  # reports why it cannot be ended
            return
        self.app.push_screen(
            question, lambda sure: self._end(one, force=force) if sure else None
        )

    def _end(self, one: Running, *, force: bool) -> None:
        try:
            end(one, force=force)
        except PlashError as error:
            self.plashui.fail(error)
            return
        self._asked.add(who(one))
        said = "Killed process {}" if force else "Asked process {} to end"
        self.plashui.tell(said.format(one.pid))
        self._ask(rest=0.1)


def look_at(store: Store, image: int, _cancel: Cancel) -> Look:
    """Look for the processes of the image, or of all of them, in a thread."""
    found = [one for one in running(store) if image in (EVERYWHERE, one.image)]
    return Look(monotonic(), found)
