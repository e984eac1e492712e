"""Any form: its fields below one another, and the command line it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import NameTaken, PlashError
from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button, line_text, shown_line, text
from plashui.ui.dialogs.question import take_question
from plashui.ui.model import typed_before
from plashui.ui.model.forms import (
    TAKE,
    Field,
    Form,
    Values,
    shown_fields,
    taken_hint,
    to_remember,
)
from plashui.ui.widgets.choice import Choice
from plashui.ui.widgets.command_field import CommandField
from plashui.ui.widgets.path_input import PathInput

PATIENCE: Final = 0.5
"""Seconds after which it is said that an answer is still looked at."""


class Row(Horizontal):
    """A field with its label."""

    DEFAULT_CSS = """
    Row {
        height: 1;
        & > .label { width: 13; color: $foreground 75%; }
        & > Input {
            width: 1fr;
            height: 1;
            border: none;
            padding: 0 1;
            background: $panel;
        }
        & > Input:focus { border: none; background: $primary 30%; }
    }
    """

    def __init__(self, field: Field, value: str) -> None:
        """Ask for this, which is `value` at first."""
        super().__init__()
        self.field, self._value = field, value

    def compose(self) -> ComposeResult:
        """Label and field."""
        yield text(self.field.label, "label")
        yield self._widget()

    def _widget(self) -> Widget:
        name, kind, hint = self.field.name, self.field.kind, self.field.hint
        if kind == "choice":
            return Choice(self.field.options, self._value, id=name)
        if kind == "command":
            before = typed_before.commands()
            return CommandField(before, self._value, placeholder=hint, id=name)
        if kind in ("path", "directory"):
            only = kind == "directory"
            return PathInput(self._value, placeholder=hint, id=name, directories=only)
        made = Input(self._value, placeholder=hint, id=name)
        made.cursor_blink = False
        return made


class FormScreen(Dialog[Values]):
    """Answers what was filled in, None if nothing shall be done."""

    DEFAULT_CSS = """
    FormScreen {
        & #fields { height: auto; max-height: 10; margin-top: 1; scrollbar-size: 1 1; }
    }
    FormScreen.-short .hint { display: none; }
    FormScreen.-short #fields { max-height: 7; }
    FormScreen.-short #buttons { height: 2; padding: 1 0 0 0; }
    FormScreen.-short #box > #line { max-height: 2; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012 - Textual's
    AUTO_FOCUS = ""  # on_mount chooses
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    @dataclass
    class Checked(Message):
        """Whether it can be meant: what is wrong with it, None for nothing."""

        values: Values
        trouble: Exception | None

    def __init__(self, form: Form) -> None:
        """Ask this."""
        super().__init__()
        self.title_text = form.title
        self._form = form
        self._asked: Values | None = None
        """What is looked at before it is the answer."""

    def body(self) -> Iterable[Widget]:
        """The fields, with what was filled in the last time."""
        form = self._form
        before = typed_before.recalled(form.name) if form.name else {}
        if form.hint:
            yield text(form.hint, "hint")
        with VerticalScroll(id="fields", can_focus=False):
            for field in form.fields:
                known = before.get(field.name, "") if field.remembered else ""
                yield Row(field, field.value or known)
        yield text("", "warning", name="taken")
        yield line_text()
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Back, do it."""
        yield button("Back", "safe")
        yield button(self._form.button, "do")

    def on_mount(self) -> None:
        """Start with the first field that is typed into."""
        self._changed()
        shown = shown_fields(self._form, self._all_values())
        typed = [field for field in shown if field.kind != "choice"]
        self.set_focus(self._inner((typed or shown)[0]))

    def _inner(self, field: Field) -> Input | Choice:
        """What takes the keys of this field; NoMatches if the form is going away."""
        found = self.query_one(f"Row > #{field.name}")
        assert isinstance(found, Input | Choice)  # noqa: S101 - as Row makes it
        return found

    def _all_values(self) -> dict[str, str]:
        fields = self._form.fields
        return {field.name: self._inner(field).value.strip() for field in fields}

    def values(self) -> dict[str, str]:
        """What is filled in, of the fields on show."""
        values = self._all_values()
        shown = shown_fields(self._form, values)
        return {field.name: values[field.name] for field in shown}

    @on(Choice.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        """Show the fields that are asked for now, and the line."""
        if self._asked != self.values():
            self._asked = None
        shown = shown_fields(self._form, self._all_values())
        for row in self.query(Row):
            row.display = row.field in shown
        self.query_one("#trouble").display = False  # it was about what was filled in
        taken, form = self.query_one("#taken", Static), self._form
        words = taken_hint(form.taken, self.values().get("name", ""), form.image)
        taken.update(words)
        taken.display = bool(words)
        line = self.query_one("#line", Static)
        words = self._form.line(self.values())
        line.update(shown_line(words))
        line.display = bool(words)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter in a field does it."""
        self._answer()

    def action_answer(self) -> None:
        """And on a choice."""
        self._answer()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        if event.button.id == "do":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        """Look whether it can be meant: at a disk, maybe, which may never answer."""
        values = self.values()
        if values == self._asked:
            return
        self._asked = values

        def ask() -> None:
            trouble: Exception | None = None
            try:
                self._form.check(values)
            except Exception as error:
                trouble = error
            with suppress(RuntimeError):  # the app has ended
                self.post_message(self.Checked(values, trouble))

        Thread(target=ask, name="check", daemon=True).start()
        self.set_timer(PATIENCE, partial(self._still, values))

    def _still(self, values: Values) -> None:
        if self._asked is values:
            self._object("Checking …")

    @on(Checked)
    def checked(self, event: Checked) -> None:
        """Answer with it, if nothing else was filled in meanwhile."""
        if self._asked is not event.values:
            return
        self._asked = None
        if isinstance(event.trouble, NameTaken):
            self._ask_to_take(event.values, event.trouble)
            return
        if isinstance(event.trouble, PlashError | OSError):
            self._object(str(event.trouble))
            return
        if event.trouble is not None:
            raise event.trouble
        self._remember(event.values)
        self.dismiss(event.values)

    def _ask_to_take(self, values: Values, taken: NameTaken) -> None:
        """A name leaves another image only if somebody says so."""

        def answered(sure: bool | None) -> None:
            if sure:
                self._remember(values)
                self.dismiss({**values, TAKE: "yes"})

        self.app.push_screen(take_question(taken), answered)

    def _remember(self, values: Values) -> None:
        if self._form.name:
            kept = to_remember(self._form, values)
            typed_before.remember(self._form.name, kept)
        for field in self._form.fields:
            if field.kind == "command":
                typed_before.remember_command(values.get(field.name, ""))

    def _object(self, words: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(clean(words))
        trouble.display = True
        if not isinstance(self.focused, Input | Choice):
            shown = shown_fields(self._form, self._all_values())
            self.set_focus(self._inner(shown[0]))
