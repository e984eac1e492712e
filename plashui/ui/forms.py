"""What a form asks for, as plain values; `screens/form.py` shows any of them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from plashui.core.errors import PlashError
from plashui.core.store import check_new_name

Kind = Literal["text", "url", "path", "directory", "command", "choice"]
"""`path` and `directory` are completed; `command` remembers those of before.

Of a `url` the password is not remembered.
"""

Values = Mapping[str, str]
"""What was filled in, by the names of the fields; without those not shown."""


class Field(NamedTuple):
    """One line of a form.

    `when` is a field of kind choice and the values it must have for this one to be
    shown. `options` are the values of a choice, with what is shown for each. What is
    not `remembered` is of this one time.
    """

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    value: str = ""
    remembered: bool = True


def nothing_wrong(_values: Values) -> None:
    """The check of a form that takes anything."""


def no_line(_values: Values) -> str:
    """For a form that no command line stands for."""
    return ""


class Form(NamedTuple):
    """A question with several answers.

    `name`: its answers are remembered under it ('' = they are not). `check` raises
    PlashError for what cannot be meant. `line` is the command line it stands for.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    button: str
    hint: str = ""
    check: Callable[[Values], None] = nothing_wrong
    line: Callable[[Values], str] = no_line


NAME: Final = Field(
    "name", "Name", hint="of the new image (may be empty)", remembered=False
)


def shown_fields(form: Form, values: Values) -> list[Field]:
    """The fields that the choices made by now leave on show."""
    return [
        field
        for field in form.fields
        if field.when is None or values.get(field.when[0]) in field.when[1]
    ]


def to_remember(form: Form, values: Values) -> dict[str, str]:
    """What of the answers is offered again."""
    from plashui.images.web import shown

    kinds = {field.name: field.kind for field in form.fields if field.remembered}
    return {
        name: shown(value) if kinds[name] == "url" else value
        for name, value in values.items()
        if name in kinds
    }


def words_of(line: str, what: str) -> tuple[str, ...]:
    """A line taken apart as a shell does it, with nothing expanded."""
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise PlashError(f"{what}: {str(error).lower()}") from error


def words_or_none(line: str) -> tuple[str, ...]:
    """The same of a line that is still being typed."""
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return (line,)


def path_of(typed: str, what: str) -> Path:
    """The path that was typed, absolute; PlashError if none was."""
    if not typed:
        raise PlashError(f"Which {what}?")
    return Path(os.path.normpath(Path(typed).expanduser().absolute()))


def path_word(typed: str, what: str) -> str:
    """The same as a word of a command line, where no shell expands it; or `what`."""
    try:
        return str(Path(typed).expanduser()) if typed else what
    except RuntimeError:  # nobody is called that
        return typed


def check_name(values: Values) -> None:
    """Raise PlashError if the new image cannot have the name that was typed."""
    if values.get("name"):
        check_new_name(values["name"])
