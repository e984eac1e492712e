"""Forms as plain values; `dialogs/form.py` shows any of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel

Kind = Literal["text", "url", "path", "directory", "command", "choice"]
"""Kind of a field.

`path` and `directory` complete paths, `command` remembers earlier commands. The
password in a `url` is not remembered.
"""

Values = Mapping[str, str]
"""The values of all shown fields, by the name of the field."""


class Field(NamedTuple):
    """One line of a form.

    `when` names a field of kind choice and the values of it for which this field is
    shown. `options` are the values of a choice, each with its label, and `offers` the
    values that complete what is typed. A field that is not `remembered` starts with
    `value` every time.
    """

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    value: str = ""
    remembered: bool = True
    offers: tuple[str, ...] = ()


class Looked(NamedTuple):
    """What was found out: lines to show, and values to offer, by the field's name.

    `details` is a longer text, shown when it is asked for. `fields` are asked for, too,
    until something else is found out; None leaves those that are there.
    """

    lines: tuple[str, ...]
    offers: Mapping[str, tuple[str, ...]] = {}
    details: tuple[str, ...] = ()
    fields: tuple[Field, ...] | None = None


class Look(NamedTuple):
    """Something to find out about the values of a form, which may take long.

    `find` yields what is known, and again when more is. It raises PlashError or
    OSError. Two looks for the same `what` with the same `key` are the same. `details`
    names those of what is found.
    """

    what: str
    find: Callable[[Cancel], Iterator[Looked]]
    details: str
    key: object = None


def nothing_wrong(_values: Values) -> None:
    """Accept any values: the check of a form that needs none."""


def nothing_to_look_up(_values: Values) -> Look | None:
    """Return None: the look of a form that needs none."""
    return None


def no_line(_values: Values) -> str:
    """Return '': the line of a form without a matching command line."""
    return ""


class WrongField(PlashError):
    """The value of a field is wrong; `field` is the name of the field."""

    def __init__(self, field: str, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence, remedy)
        self.field = field


@contextlib.contextmanager
def about(field: str) -> Iterator[None]:
    """Raise what is found to be wrong in the block as the fault of a field."""
    try:
        yield
    except WrongField:
        raise
    except PlashError as error:
        raise WrongField(field, str(error.args[0]), error.remedy) from error


class Form(NamedTuple):
    """A question with several answers.

    `name` is the key under which answers are remembered ('' for never). `check` raises
    PlashError for invalid values, WrongField to say which, and NameTaken for a `name`
    that must be confirmed. `line` is the command line that does the same, `look` what
    to find out while the form is filled in. `taken` maps the names of images to ids,
    and `image` is the image the form is about.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    button: str
    hint: str = ""
    check: Callable[[Values], None] = nothing_wrong
    line: Callable[[Values], str] = no_line
    look: Callable[[Values], Look | None] = nothing_to_look_up
    taken: Mapping[str, int] = {}
    image: int | None = None


def shown_fields(form: Form, values: Values) -> list[Field]:
    """Fields of the form that are shown with these choices, which are shown, too."""
    shown: dict[str, Field] = {}
    for field in form.fields:
        choice, chosen = field.when or ("", ())
        if not choice or (choice in shown and values.get(choice) in chosen):
            shown[field.name] = field
    return list(shown.values())


def to_remember(form: Form, values: Values) -> dict[str, str]:
    """Return the values that the form offers the next time."""
    from plashui.transfer.web.requests import shown

    kinds = {field.name: field.kind for field in form.fields if field.remembered}
    return {
        name: shown(value) if kinds[name] == "url" else value
        for name, value in values.items()
        if name in kinds
    }
