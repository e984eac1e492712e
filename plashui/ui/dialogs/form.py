"""A dialog that shows any `Form`: its fields, and the command line it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import NameTaken, PlashError
from plashui.base.terminal_text import clean
from plashui.ui.dialogs.base import Dialog, button, line_text, shown_line, text
from plashui.ui.dialogs.question import take_question
from plashui.ui.model.forms import memory as form_memory
from plashui.ui.model.forms.form import (
    Field,
    Form,
    Values,
    WrongField,
    shown_fields,
    to_remember,
)
from plashui.ui.model.forms.new_image import TAKE, taken_hint
from plashui.ui.widgets.choice import Choice
from plashui.ui.widgets.command_field import CommandField
from plashui.ui.widgets.look_line import LookLine
from plashui.ui.widgets.path_input import PathInput
from plashui.ui.widgets.text_field import TextField

PATIENCE: Final = 0.5
"""Seconds after which it is said that an answer is still looked at."""


class Row(Horizontal):
    """A field with its label."""

    DEFAULT_CSS = """
    Row {
        height: 1;
        & > .label { width: 13; color: $dim; }
        & > Input {
            width: 1fr;
            height: 1;
            border: none;
            padding: 0 1;
            background: $field;
        }
        & > Input:focus { border: none; background: $primary 30%; }
    }
    """

    def __init__(self, field: Field, value: str) -> None:
        """Show this field, filled with `value`."""
        super().__init__()
        self.field, self._value = field, value

    def compose(self) -> ComposeResult:
        """Yield label and field."""
        yield text(self.field.label, "label")
        yield self._widget()

    def _widget(self) -> Widget:
        name, kind, hint = self.field.name, self.field.kind, self.field.hint
        if kind == "choice":
            return Choice(self.field.options, self._value, id=name)
        if kind == "command":
            before = form_memory.commands()
            return CommandField(before, self._value, placeholder=hint, id=name)
        if kind in ("path", "directory"):
            only = kind == "directory"
            return PathInput(self._value, placeholder=hint, id=name, directories=only)
        suggester = SuggestFromList(self.field.offers) if self.field.offers else None
        made = TextField(self._value, placeholder=hint, id=name, suggester=suggester)
        made.cursor_blink = False
        return made


def _no(_values: Values) -> ModalScreen[bool] | None:
    """Ask nothing before a form is answered."""
    return None


class FormScreen(Dialog[Values]):
    """Ask for the fields of a form; the answer is the values, None for cancelled."""

    help_section = "Forms"
    DEFAULT_CSS = """
    FormScreen {
        & #fields { height: auto; max-height: 10; margin-top: 1; scrollbar-size: 1 1; }
    }
    FormScreen.-roomy #fields { max-height: 17; }
    FormScreen #wrong { padding-left: 14; }
    FormScreen.-slim Row > .label { width: 12; }
    FormScreen.-slim #wrong { padding-left: 13; }
    FormScreen.-short .hint { display: none; }
    FormScreen.-short #fields { max-height: 7; }
    FormScreen.-short #buttons { height: 2; padding: 1 0 0 0; }
    FormScreen.-short #box > #line { max-height: 2; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall"), (32, "-roomy")]  # noqa: RUF012 - Textual's
    AUTO_FOCUS = ""  # on_mount chooses the focus
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", show=False),
        Binding("ctrl+o", "details", show=False, priority=True),
        # With priority, since a key that only bubbles up here is heard after the next
        # ones: these would be taken by the field that is being left.
        Binding("up", "previous", show=False, priority=True),
        Binding("shift+tab", "previous_by_tab", show=False, priority=True),
        Binding("down", "next", show=False, priority=True),
        Binding("tab", "next_by_tab", show=False, priority=True),
    ]

    @dataclass
    class Checked(Message):
        """Result of the form's check: what is wrong, None for nothing."""

        values: Values
        trouble: Exception | None

    def __init__(
        self, form: Form, confirm: Callable[[Values], ModalScreen[bool] | None] = _no
    ) -> None:
        """Ask with this form; `confirm` returns what is asked before it is answered."""
        super().__init__()
        self.title_text = form.title
        self._form, self._confirm = form, confirm
        self._asked_too: tuple[Field, ...] = ()
        """The fields at the end of the form that came of what was found out."""
        self._typed: dict[str, str] = {}
        """What was typed into such fields."""
        self._asked: Values | None = None
        """The values that are being checked."""

    def body(self) -> Iterable[Widget]:
        """Yield the fields, filled with the last answers."""
        form = self._form
        before = form_memory.recalled(form.name) if form.name else {}
        if form.hint:
            yield text(form.hint, "hint")
        with VerticalScroll(id="fields", can_focus=False):
            for field in form.fields:
                known = before.get(field.name, "") if field.remembered else ""
                yield Row(field, field.value or known)
            yield text("", "warning", name="wrong")
        yield text("", "warning", name="taken")
        yield LookLine()
        yield line_text()
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, and the one of the form."""
        yield button("Back", "safe")
        yield button(self._form.button, "do")

    def on_mount(self) -> None:
        """Focus the first field for typing."""
        self._changed()
        shown = shown_fields(self._form, self._all_values())
        typed = [field for field in shown if field.kind != "choice"]
        self.set_focus(self._inner((typed or shown)[0]))

    def _inner(self, field: Field) -> Input | Choice:
        """Return the widget that takes the keys of a field; NoMatches if it is gone."""
        found = self.query_one(f"Row > #{field.name}")
        assert isinstance(found, Input | Choice)  # noqa: S101 - as Row makes it
        return found

    def _all_values(self) -> dict[str, str]:
        fields = self._form.fields
        return {field.name: self._inner(field).value.strip() for field in fields}

    def values(self) -> dict[str, str]:
        """Return the values of all fields that are shown."""
        values = self._all_values()
        shown = shown_fields(self._form, values)
        return {field.name: values[field.name] for field in shown}

    @on(Choice.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        """Show the fields that are asked for now, and the command line."""
        if self._asked != self.values():
            self._asked = None
        shown = shown_fields(self._form, self._all_values())
        for row in self.query(Row):
            row.display = row.field in shown
        # The message is about the old values.
        self.query("#trouble, #wrong").set(display=False)
        taken, form = self.query_one("#taken", Static), self._form
        words = taken_hint(form.taken, self.values().get("name", ""), form.image)
        taken.update(words)
        taken.display = bool(words)
        look = form.look(self.values())
        self.query_one(LookLine).ask(look)
        if look is None:
            self.post_message(LookLine.Asks(()))
        line = self.query_one("#line", Static)
        words = self._form.line(self.values())
        line.update(shown_line(words))
        line.display = bool(words)

    @on(LookLine.Offered)
    def offered(self, event: LookLine.Offered) -> None:
        """Complete what is typed by the values that were found."""
        for field in self.query(f"Row > Input#{event.field}").results(Input):
            field.suggester = SuggestFromList(event.values)

    @on(LookLine.Asks)
    async def ask_too(self, event: LookLine.Asks) -> None:
        """Ask for more fields, in the place of those that came before."""
        if tuple(event.fields) == self._asked_too:
            return
        focus = self.focused.id if self.focused else None
        gone = {field.name for field in self._asked_too}
        fields = [field for field in self._form.fields if field.name not in gone]
        values = self._all_values()
        for field in self._asked_too:
            if values[field.name] != field.value:
                self._typed[field.name] = values[field.name]
        self._asked_too = tuple(event.fields)
        place = self.query_one("#fields")
        self._form = self._form._replace(fields=tuple(fields))
        with self.app.batch_update():
            await self.query(Row).filter(".-too").remove()
            await place.mount_all(self._rows_too())
        self._form = self._form._replace(fields=(*fields, *self._asked_too))
        if focus in gone and place.query(f"#{focus}"):
            self.set_focus(place.query_one(f"#{focus}"))
        self._changed()

    def _rows_too(self) -> Sequence[Row]:
        """Return rows of the new fields; what was typed into one of that name stays."""
        rows = []
        for field in self._asked_too:
            row = Row(field, self._typed.get(field.name, field.value))
            row.add_class("-too")
            rows.append(row)
        return rows

    def action_details(self) -> None:
        """Show more of what was found out."""
        from plashui.ui.dialogs.long_text import Details

        line = self.query_one(LookLine)
        if line.details:
            self.app.push_screen(Details(line.subject, line.details))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to a field the keys for which it has a use of its own."""
        del parameters
        if action in ("previous", "next"):
            return not isinstance(self.focused, CommandField)
        return action != "next_by_tab" or not isinstance(self.focused, PathInput)

    def action_previous(self) -> None:
        """Focus the field before."""
        self.focus_previous()

    def action_previous_by_tab(self) -> None:
        """Focus the field before."""
        self.focus_previous()

    def action_next(self) -> None:
        """Focus the next field."""
        self.focus_next()

    def action_next_by_tab(self) -> None:
        """Focus the next field."""
        self.focus_next()

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Answer when Enter is pressed in a field."""
        self._answer()

    def action_answer(self) -> None:
        """Answer when Enter is pressed on a choice."""
        self._answer()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed."""
        if event.button.id == "do":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        """Check the values in a thread: a disk may take long to respond."""
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
        """Answer if the check passed and nothing was edited since."""
        if self._asked is not event.values:
            return
        self._asked = None
        if isinstance(event.trouble, NameTaken):
            self._ask_to_take(event.values, event.trouble)
            return
        if isinstance(event.trouble, WrongField):
            self._object_beside(event.trouble.field, str(event.trouble))
            return
        if isinstance(event.trouble, PlashError | OSError):
            self._object(str(event.trouble))
            return
        if event.trouble is not None:
            raise event.trouble
        self._confirmed(event.values)

    def _confirmed(self, values: Values) -> None:
        """Answer; ask before if there is something to ask."""
        asked = self._confirm(values)

        def answered(sure: bool | None) -> None:
            if sure:
                self._remember(values)
                self.dismiss(values)

        if asked is None:
            answered(True)
        else:
            self.app.push_screen(asked, answered)

    def _ask_to_take(self, values: Values, taken: NameTaken) -> None:
        """Ask before a name is taken from another image."""

        def answered(sure: bool | None) -> None:
            if sure:
                self._confirmed({**values, TAKE: "yes"})

        self.app.push_screen(take_question(taken), answered)

    def _remember(self, values: Values) -> None:
        if self._form.name:
            kept = to_remember(self._form, values)
            form_memory.remember(self._form.name, kept)
        for field in self._form.fields:
            if field.kind == "command":
                form_memory.remember_command(values.get(field.name, ""))

    def _object_beside(self, field: str, words: str) -> None:
        """Say what is wrong below the field that it is about."""
        row = next(row for row in self.query(Row) if row.field.name == field)
        wrong = self.query_one("#wrong", Static)
        self.query_one("#fields").move_child(wrong, after=row)
        wrong.update(clean(words))
        wrong.display = True
        self.query_one("#trouble").display = False  # that it is still looked at
        self.set_focus(self._inner(row.field))
        self.call_after_refresh(wrong.scroll_visible, animate=False)

    def _object(self, words: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(clean(words))
        trouble.display = True
        if not isinstance(self.focused, Input | Choice):
            shown = shown_fields(self._form, self._all_values())
            self.set_focus(self._inner(shown[0]))
