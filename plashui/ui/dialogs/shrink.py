"""Before a shrink: what is wished for, and every image that would go for it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import InUse, Pinned, PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import age, parse_size, parse_span, plural, size
from plashui.model.forest import Forest
from plashui.operations import shrink
from plashui.operations.removal_plan import PlanChanged
from plashui.store.disk_usage import measured
from plashui.store.run_spec import command_line
from plashui.store.store import Store
from plashui.ui.dialogs.base import button, line_text, shown_line, text
from plashui.ui.dialogs.removal_base import Done, TakingDialog
from plashui.ui.model.lines import Line
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.tick import Tick

REST: Final = 0.15
"""Seconds without a key after which it is planned anew."""

_MOST: Final = 14
"""Rows of the list at most."""

FIELDS: Final = (
    ("to", "down to", "as 10G"),
    ("older", "older than", "as 30d"),
    ("unused", "unused for", "as 14d"),
)


def wish_of(to: str, older: str, unused: str, names: bool) -> shrink.Wish:
    """What the fields say; empty ones say nothing. Raises PlashError."""
    return shrink.Wish(
        parse_size(to) if to.strip() else None,
        parse_span(older) if older.strip() else None,
        parse_span(unused) if unused.strip() else None,
        names,
    )


def wish_line(to: str, older: str, unused: str, names: bool, root: str) -> str:
    """The command line that does the same."""
    words = ["shrink", "--trash"]
    for name, value in (("to", to), ("older", older), ("unused", unused)):
        words += [f"--{name}", value.strip()] if value.strip() else []
    return command_line([*words, *(["--names"] if names else [])], root)


def step_lines(forest: Forest, plan: shrink.Shrink) -> list[Line]:
    """What goes, in order: id, bytes, bytes in all by then, age, what it is."""
    digits = max(3, len(str(max(plan.images, default=0))))
    head = f" {'ID':>{digits}} {'FREES':>9}{'IN ALL':>9}{'AGE':>8}  NAME / ORIGIN"
    lines: list[Line] = [((head, "faint"),)] if plan.steps else []
    for step in plan.steps:
        node = forest.images[step.image]
        old = "" if node.created is None else age(plan.now - node.created)
        label = clean(forest.label(step.image))
        lines.append(
            (
                (f" {step.image:>{digits}} ", "id"),
                (size(step.bytes).rjust(9), ""),
                (size(step.freed).rjust(9), "strong"),
                (old.rjust(8), "faint"),
                (f"  {label}", ""),
            )
        )
    return lines


def sum_sentence(forest: Forest, plan: shrink.Shrink) -> str:
    """How much goes, and what is left."""
    count = f"{len(plan.steps)} of {plural(len(forest), 'image')}"
    half = "Half: " if plan.wish.half else ""
    words = f"{half}{count} would go, {size(plan.before)} become {size(plan.after)}."
    if not plan.steps:
        words = f"Nothing to take of {plural(len(forest), 'image')}."
    if plan.short:
        words += " This is less than was asked for."
    return words


def stay_sentences(forest: Forest, plan: shrink.Shrink) -> list[str]:
    """What stays whatever its age, each with the reason."""
    return [
        f"{why}: {_listed(forest, images)}"
        for why, images in (
            ("Pinned", plan.pinned),
            ("In use", plan.in_use),
            ("Named", plan.named),
        )
        if images
    ]


def _listed(forest: Forest, images: tuple[int, ...]) -> str:
    most = 6
    words = [f"{i} {clean(forest.label(i))}".strip() for i in images[:most]]
    more = f" and {len(images) - most} more" if len(images) > most else ""
    return ", ".join(words) + more


def tops_of(forest: Forest, images: Iterable[int]) -> tuple[int, ...]:
    """Those of the images that stand on none of them: what a restore takes."""
    gone = set(images)
    return tuple(i for i in sorted(gone) if forest.images[i].parent not in gone)


class ShrinkScreen(TakingDialog):
    """Plans as one edits; carries out exactly what is shown, into the trash."""

    DEFAULT_CSS = """
    ShrinkScreen {
        & #box { width: 88; }
        & #fields {
            grid-size: 3;
            grid-gutter: 0 2;
            grid-rows: 1;
            height: 2;
            margin-top: 1;
        }
        & #fields Static { color: $foreground 70%; }
        & #fields Input {
            height: 1;
            border: none;
            padding: 0 1;
            background: $panel;
        }
        & #fields Input:focus { background: $primary 30%; }
        & #names { margin-top: 1; }
        & #steps {
            height: auto;
            max-height: 3;
            margin-top: 1;
            background: $boost;
        }
        & #stay { color: $foreground 70%; max-height: 4; }
        & .wrong { color: $text-error; }
    }
    ShrinkScreen.-short {
        & #fields, & #names { margin-top: 0; }
        & #box > Static { margin-top: 0; }
        & #steps { margin-top: 0; }
        & #line { display: none; }
        & #stay { max-height: 2; }
        & #buttons { height: 1; padding: 0; }
    }
    ShrinkScreen.-middle {
        & #fields { margin-top: 0; }
        & #stay { max-height: 3; }
        & #buttons { height: 2; padding: 1 0 0 0; }
    }
    """
    HELD = ("#fields", "#names", "#safe")
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's
        (0, "-short"),
        (22, "-middle"),
        (28, "-tall"),
    ]
    title_text = "Shrink: the oldest leaves go first"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    @dataclass
    class Planned(Message):
        """The plan of one wish; `news` is what has to be said about it."""

        number: int
        forest: Forest
        plan: shrink.Shrink
        news: str = ""

    def __init__(self, store: Store) -> None:
        """Ask about this store."""
        super().__init__()
        self._store = store
        self._forest: Forest | None = None
        self._number = 0
        self._waiting: Timer | None = None
        self._left = Cancel()
        self.plan: shrink.Shrink | None = None

    def body(self) -> Iterable[Widget]:
        """The wish, then the plan."""
        with Grid(id="fields"):
            for _name, label, _example in FIELDS:
                yield Static(label)
            for name, _label, example in FIELDS:
                field = Input(placeholder=example, id=name)
                field.cursor_blink = False
                yield field
        yield Tick("images with a name, too", id="names")
        yield text("looking what would go …", name="sum")
        yield LineList(id="steps")
        yield text("", name="stay")
        yield line_text()

    def buttons(self) -> Iterable[Button]:
        """Back, go."""
        yield button("Back", "safe")
        yield button("Move to the trash", "go", danger=True)

    def on_mount(self) -> None:
        """Start with the classic: half of the images."""
        for name in ("#stay", "#steps"):
            self.query_one(name).display = False
        self.query_one("#go", Button).disabled = True
        self.set_focus(self.query_one("#safe"))
        self._begin()

    def on_unmount(self) -> None:
        """Nobody waits for a plan any more."""
        self._left.set()

    @on(Input.Changed)
    @on(Tick.Changed)
    def edited(self) -> None:
        """Plan anew once the fingers rest; what is shown is not what is wished."""
        self._number += 1
        self.plan = None
        self.query_one("#go", Button).disabled = True
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(REST, self._begin)

    def on_key(self, event: events.Key) -> None:
        """A number typed at a button is a size, with what was typed ahead after it."""
        field, digit = self.query_one("#to", Input), event.character or ""
        if self.focused is field or (
            isinstance(self.focused, Button) and digit.isdecimal()
        ):
            self.type_into(event, field)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter in a field goes to the buttons, and does nothing yet."""
        self.set_focus(self.query_one("#safe"))

    def _begin(self) -> None:
        """Plan what is wished for, in a thread."""
        to, older, unused = (
            self.query_one(f"#{name}", Input).value for name, *_ in FIELDS
        )
        try:
            wish = wish_of(to, older, unused, self.query_one(Tick).ticked)
        except PlashError as error:
            self.say("#sum", clean(str(error)), wrong=True)
            self.say("#stay", "")
            self.query_one(LineList).display = False
            self._show_line("")
            return
        self._show_line(wish_line(to, older, unused, wish.names, self._store.root))
        self.run_worker(
            partial(self._plan, wish, self._number),
            thread=True,
            exclusive=True,
            group="plan",
            exit_on_error=False,
        )

    def _plan(self, wish: shrink.Wish, number: int, news: str = "") -> None:
        """In a thread. Every layer must be counted, which is done only once."""
        try:
            if self._forest is None:
                read = self._store.read()
                self._forest = measured(self._store, read, cancel=self._left)
            forest = self._forest
            plan = shrink.plan(self._store, forest, wish, trash=True, now=time.time())
            self.post_message(self.Planned(number, forest, plan, news))
        except (PlashError, OSError) as error:
            if not self._left.is_set():
                self.post_message(self.Trouble(error))

    @on(Planned)
    def planned(self, event: Planned) -> None:
        """Show the plan, if it is of the last wish; it can be carried out now."""
        if event.number != self._number:
            return
        plan, forest = event.plan, event.forest
        self.plan = plan
        news = f"{event.news} " if event.news else ""
        self.say("#sum", news + sum_sentence(forest, plan))
        steps = self.query_one(LineList)
        steps.display = bool(plan.steps)
        steps.show(step_lines(forest, plan))
        stay = stay_sentences(forest, plan)
        if stay:
            stay[0] = f"Stay, with all they stand on. {stay[0]}"
        self.say("#stay", "\n".join(stay))
        self.query_one("#go", Button).disabled = not plan.steps
        self.on_resize()
        if self.busy:
            self.be_busy(False)
            self.set_focus(self.query_one("#safe"))

    def on_resize(self) -> None:
        """The list takes what room there is."""
        self.fit(self.query_one("#steps"), _MOST)

    def _show_line(self, line: str) -> None:
        self.query_one("#line", Static).update(shown_line(line))

    @on(Button.Pressed, "#go")
    def go(self) -> None:
        """Remove what is shown."""
        if self.plan is None or self.busy or self._forest is None:
            return
        self.be_busy(True)
        self.query_one("#go", Button).disabled = True
        self.say("#sum", f"moving {plural(len(self.plan.steps), 'image')} …")
        self.run_worker(
            partial(self._carry_out, self.plan, self._forest, self._number),
            thread=True,
            group="shrink",
            exit_on_error=False,
        )

    def _carry_out(self, plan: shrink.Shrink, forest: Forest, number: int) -> None:
        """In a thread: just that, or the new plan where the store has changed."""
        try:
            removed = shrink.carry_out(self._store, plan, trash=True)
            done = Done(removed, tops_of(forest, removed.ids))
            self.post_message(self.Finished(done))
        except (PlanChanged, InUse, Pinned):
            self._forest = None
            news = "The store changed meanwhile; nothing was taken. Now"
            self._plan(plan.wish, number, news)
        except (PlashError, OSError) as error:
            self.post_message(self.Trouble(error))
