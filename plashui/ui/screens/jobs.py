"""The page of background jobs: state, result and log of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from plashui.base.terminal_text import clean
from plashui.base.units import duration, plural
from plashui.ui.model.builds.step_lines import failed_lines, step_lines
from plashui.ui.model.details.describe import wrapped
from plashui.ui.model.host import host_of
from plashui.ui.model.jobs.job import Job, Jobs, State, Work
from plashui.ui.model.jobs.layer_lines import layer_lines
from plashui.ui.model.text.lines import Line, cut
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.panel import Panel
from plashui.ui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from plashui.operations.failed import CommandFailed

_KINDS: Final = {
    State.RUNNING: "id",
    State.DONE: "good",
    State.FAILED: "warn",
    State.CANCELLED: "faint",
}
_EDGES: Final = 3
"""Cells beside the lines in a panel: its frame, and a scrollbar."""
_OFTEN: Final = 1.0  # seconds between looks at what runs
KEYS: Final = (
    Key("enter", "Shell there", "debug", 0),
    Key("x", "Cancel", "cancel", 1),
    Key("r", "Retry", "retry", 2),
    Key("c", "Clear finished", "clear", 3),
    Key("tab", "Log", "app.focus_next", 4),
    Key("esc", "Back", "app.pop_screen"),
)


def keys_of(jobs: Sequence[Job], chosen: Job | None) -> list[Key]:
    """Return the keys for these jobs; `chosen` is the one under the cursor."""
    able = {"app.pop_screen"}
    if chosen is not None:
        able.add("app.focus_next")
        if chosen.running:
            able.add("cancel")
        elif chosen.state is not State.DONE:
            able.add("retry")
        if _can_debug(chosen):
            able.add("debug")
    if not all(job.running for job in jobs):
        able.add("clear")
    return [key for key in KEYS if key.action in able]


def job_line(job: Job, width: int) -> Line:
    """Format a job in one line: state, title or result, time, duration."""
    took = duration(job.took())
    at = datetime.fromtimestamp(job.started).astimezone()
    when = f"{at:%H:%M}{took:>13} " if width >= 70 else f"{took:>13} "
    room = max(10, width - 12 - len(when) - 2)
    pieces = job.pieces(room)
    gap = room + 2 - sum(cell_len(text) for text, _kind in pieces)
    return (
        (f" {job.state:<10} ", _KINDS[job.state]),
        *pieces,
        (" " * gap, ""),
        (when, "faint"),
    )


def job_titles(width: int) -> str:
    """Return the titles of the columns of the jobs."""
    when = f"{'AT':<5}{'TOOK':>13} " if width >= 70 else f"{'TOOK':>13} "
    return f" {'STATE':<10} JOB AND RESULT".ljust(width - len(when)) + when


def log_lines(job: Job, width: int) -> list[Line]:
    """Wrap the whole log of a job; below it, how far its layers or its steps are."""
    lines: list[Line] = []
    lost = job.said - len(job.log)
    if lost:
        lines.append(((f" … {plural(lost, 'line')} before", "faint"),))
    failed = command_failed(job)
    said = list(job.log)
    said = said[:-1] if failed else said
    for at, text in enumerate(said):
        last = at == len(said) - 1 and not job.running
        kind = _KINDS[job.state] if last else ""
        pieces = wrapped(text, max(20, width - 2))
        lines += [((f" {piece}", kind),) for piece in pieces]
    if job.running and job.progress is not None:
        lines += layer_lines(job.progress, job.rate.value())
    if job.progress is not None and job.progress.steps:
        steps = step_lines(job.progress.steps, width)
        outcome = [] if job.running or failed else [lines.pop()]
        lines += [
            *([()] if lines else []),
            *steps,
            *([()] if outcome else []),
            *outcome,
        ]
    if failed:
        lines += [(), *failed_lines(failed, width)]
    return lines


def command_failed(job: Job) -> CommandFailed | None:
    """Return the failure of a command of a build, if that is why a job has failed."""
    if job.failure is None:
        return None
    from plashui.operations.failed import CommandFailed

    return job.failure if isinstance(job.failure, CommandFailed) else None


def _can_debug(job: Job) -> bool:
    failed = command_failed(job)
    return failed is not None and not failed.settled


class JobsScreen(Screen[None], HasKeyBar):
    """All jobs, newest first; below them the log of the chosen one."""

    help_section = "Jobs"
    DEFAULT_CSS = """
    JobsScreen {
        & #all { height: 2fr; min-height: 5; }
        & #titles {
            height: 1;
            color: $dim;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & #one { height: 3fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,J", "app.pop_screen", "Back", show=False),
        Binding("enter", "debug", "Shell in what failed", show=False),
        Binding("x,d", "cancel", "Cancel", show=False),
        Binding("r", "retry", "Retry", show=False),
        Binding("c", "clear", "Clear finished", show=False),
    ]
    AUTO_FOCUS = "#jobs"

    def __init__(
        self,
        jobs: Jobs,
        start: Callable[[str, Work, str], object],
        debug: Callable[[Job], None],
    ) -> None:
        """Show these jobs.

        `start` starts one again, `debug` opens a shell in what failed.
        """
        super().__init__()
        self._jobs, self._start, self._debug = jobs, start, debug
        self._shown: list[Job] = []
        self._logged: tuple[Job | None, *tuple[object, ...]] = (None,)
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield the list and the log."""
        yield TopLine("jobs")
        with Panel(id="all") as panel:
            yield Static("", id="titles", markup=False)
            yield LineList(choose=True, id="jobs")
        panel.entitle([("Jobs", "accent"), (" · newest first", "faint")])
        with Panel(id="one"):
            yield LineList(id="log")
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Update the page while any job runs."""
        self._ticking = self.set_interval(_OFTEN, self.reread)
        self.reread()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.reread()

    def reread(self) -> None:
        """Draw the present state of everything."""
        if not self.query("#log"):
            return  # a job may end while the screen is still put together, or goes
        at = self._chosen()
        self._shown = self._jobs.all[::-1]
        jobs = self.query_one("#jobs", LineList)
        width = max(20, self.size.width - _EDGES)
        titles = self.query_one("#titles", Static)
        titles.visible = bool(self._shown)
        titles.update(job_titles(width))
        lines = [job_line(job, width) for job in self._shown]
        jobs.show(lines, nothing="No jobs yet")
        if at in self._shown:  # a new one has come above it
            jobs.cursor = self._shown.index(at)
        running = len(self._jobs.running())
        self.query_one(TopLine).show(f"{running} running, {len(self._shown)} in all")
        self._draw_log()
        if self._ticking is not None:
            (self._ticking.resume if running else self._ticking.pause)()

    def _chosen(self) -> Job | None:
        at = self.query_one("#jobs", LineList).cursor
        return self._shown[at] if at < len(self._shown) else None

    def _draw_log(self) -> None:
        """Show the log of the chosen job; follow its end unless scrolled up."""
        job = self._chosen()
        self.query_one(KeyBar).show(keys_of(self._shown, job))
        width = self.size.width - _EDGES
        now = (job, job and (job.said, job.state, job.progress), width)
        if now == self._logged:
            return
        log = self.query_one("#log", LineList)
        follows = job is not self._logged[0] or log.scroll_offset.y >= log.max_scroll_y
        self._logged = now
        panel = self.query_one("#one", Panel)
        panel.display = job is not None
        if job is not None:
            title = cut(clean(job.title), max(1, width - len("Log of") - 4))
            panel.entitle([("Log of", "accent"), (f" {title}", "faint")])
        log.show(log_lines(job, width) if job else [])
        if follows:
            self.call_after_refresh(log.scroll_end, animate=False)

    @on(LineList.Moved)
    def moved(self) -> None:
        """Show the log of the job under the cursor."""
        self._draw_log()

    def on_line_list_chosen(self) -> None:
        """Open a shell in what failed of the job that was double-clicked."""
        self.action_debug()

    def action_debug(self) -> None:
        """Open a shell in what failed, with what it did until then."""
        job = self._chosen()
        if job is not None and _can_debug(job):
            self._debug(job)
        elif job is not None:
            self._tell("Nothing has failed here that a shell could go into")

    def action_cancel(self) -> None:
        """Cancel the job under the cursor."""
        job = self._chosen()
        if job is not None and job.running:
            job.cancel.set()
            self.reread()
        elif job is not None:
            self._tell("Already finished")

    def action_retry(self) -> None:
        """Run the job under the cursor again if it failed or was cancelled."""
        job = self._chosen()
        if job is None:
            return
        if job.state in (State.FAILED, State.CANCELLED):
            self._start(job.title, job.work, job.root)
            self.follow()
        else:
            self._tell(
                "Still running" if job.running else "Nothing to retry: it is done"
            )

    def follow(self) -> None:
        """Move to the newest job."""
        self.query_one("#jobs", LineList).cursor = 0
        self._shown = []
        self.reread()

    def action_clear(self) -> None:
        """Remove finished jobs from the list."""
        self._jobs.clear()
        self.reread()

    def _tell(self, sentence: str) -> None:
        app = host_of(self)
        app.tell(sentence)
