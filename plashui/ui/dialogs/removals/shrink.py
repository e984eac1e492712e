"""The dialog before a shrink: what is wanted, and which images would go."""

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
from plashui.ui.dialogs.base import TAB_AT_ONCE, button, line_text, shown_line, text
from plashui.ui.dialogs.removals.base import Done, TakingDialog
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.text_field import TextField
from plashui.ui.widgets.tick import Tick

REST: Final = 0.15
"""Seconds after the last key before a new plan is made."""

_MOST: Final = 14
"""Most rows of the list."""

FIELDS: Final = (
    ("to", "Down to", "e.g. 10G"),
    ("older", "Older than", "e.g. 30d"),
    ("unused", "Unused for", "e.g. 14d"),
)


def wish_of(to: str, older: str, unused: str, names: bool) -> shrink.Wish:
    """Parse the fields; empty ones ask for nothing. Raises PlashError."""
    return shrink.Wish(
        parse_size(to) if to.strip() else None,
        parse_span(older) if older.strip() else None,
        parse_span(unused) if unused.strip() else None,
        names,
    )


def wish_line(to: str, older: str, unused: str, names: bool, root: str) -> str:
    """Return the command line that does the same."""
    words = ["shrink", "--trash"]
    for name, value in (("to", to), ("older", older), ("unused", unused)):
        words += [f"--{name}", value.strip()] if value.strip() else []
    return command_line([*words, *(["--names"] if names else [])], root)


def step_lines(forest: Forest, plan: shrink.Shrink) -> list[Line]:
    """List what would go, in order: id, bytes, bytes in total, age, label."""
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
    """Say how much would go and what would be left."""
    count = f"{len(plan.steps)} of {plural(len(forest), 'image')}"
    half = "Half: " if plan.wish.half else ""
    words = f"{half}{count} would be removed: {size(plan.before)} → {size(plan.after)}."
    if not plan.steps:
        words = f"None of {plural(len(forest), 'image')} would be removed."
    if plan.short:
        words += " Still above your target: the rest is pinned, named or in use."
    return words


def stay_sentences(forest: Forest, plan: shrink.Shrink) -> list[str]:
    """Say which images are kept, with the reason."""
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
    """Return the images whose parents are not among them, for a restore."""
    gone = set(images)
    return tuple(i for i in sorted(gone) if forest.images[i].parent not in gone)


class ShrinkScreen(TakingDialog):
    """Plan a shrink while its fields are edited; move exactly that to the trash."""

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
        & #fields Static { color: $dim; }
        & #fields Input {
            height: 1;
            border: none;
            padding: 0 1;
            background: $field;
        }
        & #fields Input:focus { background: $primary 30%; }
        & #names { margin-top: 1; }
        & #steps {
            height: auto;
            max-height: 3;
            margin-top: 1;
            background: $boost;
        }
        & #stay { color: $dim; max-height: 4; }
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
    title_text = "Shrink: removes the oldest leaves first"
    BINDINGS: ClassVar[list[BindingType]] = [
        *TAB_AT_ONCE,
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    @dataclass
    class Planned(Message):
        """The plan for wish `number`, with news about it."""

        number: int
        forest: Forest
        plan: shrink.Shrink
        news: str = ""

    def __init__(self, store: Store) -> None:
        """Plan for this store."""
        super().__init__()
        self._store = store
        self._forest: Forest | None = None
        self._number = 0
        self._waiting: Timer | None = None
        self._left = Cancel()
        self.plan: shrink.Shrink | None = None

    def body(self) -> Iterable[Widget]:
        """Yield the fields, then the plan."""
        with Grid(id="fields"):
            for _name, label, _example in FIELDS:
                yield Static(label)
            for name, _label, example in FIELDS:
                field = TextField(placeholder=example, id=name)
                field.cursor_blink = False
                yield field
        yield Tick("Include named images", id="names")
        yield text("Checking …", name="sum")
        yield LineList(id="steps")
        yield text("", name="stay")
        yield line_text()

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, move to the trash."""
        yield button("Back", "safe")
        yield button("Move to the trash", "go", danger=True)

    def on_mount(self) -> None:
        """Start with a plan for half of the images."""
        for name in ("#stay", "#steps"):
            self.query_one(name).display = False
        self.query_one("#go", Button).disabled = True
        self.set_focus(self.query_one("#safe"))
        self._begin()

    def on_unmount(self) -> None:
        """Stop planning."""
        self._left.set()

    @on(Input.Changed)
    @on(Tick.Changed)
    def edited(self) -> None:
        """Plan again after a pause; until then nothing can be carried out."""
        self._number += 1
        self.plan = None
        self.query_one("#go", Button).disabled = True
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(REST, self._begin)

    def on_key(self, event: events.Key) -> None:
        """Put a digit typed on a button into the size field."""
        field, digit = self.query_one("#to", Input), event.character or ""
        if self.focused is field or (
            isinstance(self.focused, Button) and digit.isdecimal()
        ):
            self.type_into(event, field)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Move the focus to the buttons; Enter in a field removes nothing."""
        self.set_focus(self.query_one("#safe"))

    def _begin(self) -> None:
        """Start planning what the fields ask for."""
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
        """Plan the wish, in a thread; layers are counted once per store state."""
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
        """Show the plan if it belongs to the latest input."""
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
            stay[0] = f"Kept, with all they are built on. {stay[0]}"
        self.say("#stay", "\n".join(stay))
        self.query_one("#go", Button).disabled = not plan.steps
        self.on_resize()
        if self.busy:
            self.be_busy(False)
            self.set_focus(self.query_one("#safe"))

    def on_resize(self) -> None:
        """Fit the list to the room there is."""
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
        self.say("#sum", f"Moving {plural(len(self.plan.steps), 'image')} …")
        self.run_worker(
            partial(self._carry_out, self.plan, self._forest, self._number),
            thread=True,
            group="shrink",
            exit_on_error=False,
        )

    def _carry_out(self, plan: shrink.Shrink, forest: Forest, number: int) -> None:
        """Remove exactly the plan, or show a new one. Runs in a thread."""
        try:
            removed = shrink.carry_out(self._store, plan, trash=True)
            done = Done(removed, tops_of(forest, removed.ids))
            self.post_message(self.Finished(done))
        except (PlanChanged, InUse, Pinned):
            self._forest = None
            news = "The store has changed; nothing was removed."
            self._plan(plan.wish, number, news)
        except (PlashError, OSError) as error:
            self.post_message(self.Trouble(error))
