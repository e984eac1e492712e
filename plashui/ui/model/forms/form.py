"""Forms as plain values; `dialogs/form.py` shows any of them."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.store.new_name import NewName

if TYPE_CHECKING:
    from plashui.model.forest import Forest

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


_ASSIGNS: Final = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_]*=")


def nothing_wrong(_values: Values) -> None:
    """Accept any values: the check of a form that needs none."""


def nothing_to_look_up(_values: Values) -> Look | None:
    """Return None: the look of a form that needs none."""
    return None


def no_line(_values: Values) -> str:
    """Return '': the line of a form without a matching command line."""
    return ""


class Form(NamedTuple):
    """A question with several answers.

    `name` is the key under which answers are remembered ('' for never). `check` raises
    PlashError for invalid values, and NameTaken for a `name` that must be confirmed.
    `line` is the command line that does the same, `look` what to find out while the
    form is filled in. `taken` maps the names of images to
    ids, and `image` is the image the form is about.
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


NAME: Final = Field("name", "Name", hint="optional", remembered=False)

TAKE: Final = "take"
"""Extra value of an answered form: "yes" if its name may be taken from an image."""


def shown_fields(form: Form, values: Values) -> list[Field]:
    """Fields of the form that are shown with these choices."""
    return [
        field
        for field in form.fields
        if field.when is None or values.get(field.when[0]) in field.when[1]
    ]


def to_remember(form: Form, values: Values) -> dict[str, str]:
    """Return the values that the form offers the next time."""
    from plashui.transfer.web.requests import shown

    kinds = {field.name: field.kind for field in form.fields if field.remembered}
    return {
        name: shown(value) if kinds[name] == "url" else value
        for name, value in values.items()
        if name in kinds
    }


def words_of(line: str, what: str) -> tuple[str, ...]:
    """Split a line as a shell does, without expansions; PlashError if it cannot be."""
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise PlashError(f"{what}: {str(error).lower()}") from error


def words_or_none(line: str) -> tuple[str, ...]:
    """Split a line that is still being typed; one word if it cannot be split."""
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return (line,)


def command_of(line: str) -> tuple[str, ...]:
    """Return the words of a command, run by a shell if it needs one."""
    words = words_of(line, "the command")
    return ("sh", "-c", line) if words and needs_shell(line) else words


def command_or_none(line: str) -> tuple[str, ...]:
    """Return the words of a command that is still being typed."""
    words = words_or_none(line)
    return ("sh", "-c", line) if words and needs_shell(line) else words


def needs_shell(line: str) -> bool:
    """Say whether only a shell can run the line, e.g. `a && b > c`."""
    if _ASSIGNS.match(line):
        return True
    quote, before = "", " "
    letters = iter(line)
    for letter in letters:
        if letter == "\\" and quote != "'":
            next(letters, "")
        elif quote:
            if quote == '"' and letter in "$`":
                return True
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "|&;<>()$`*?" or (letter in "~#" and before.isspace()):
            return True
        before = letter
    return False


def path_of(typed: str, what: str) -> Path:
    """Return the typed path made absolute; PlashError if none was typed."""
    if not typed:
        raise PlashError(f"Which {what}?")
    try:
        return Path(os.path.abspath(_at_home(typed)))  # noqa: PTH100 - takes .. out, too
    except OSError as error:
        what = "cannot tell where that is: the working directory was removed"
        raise PlashError(what, "Begin with / or ~/") from error


def is_directory(path: Path) -> bool | None:
    """Say whether it is a directory, None if missing; PlashError if unknown."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        why = error.strerror if isinstance(error, OSError) else error
        raise PlashError(f"Cannot read {path}: {why}") from error


def _at_home(typed: str) -> str:
    """Expand `~`; leave the home of an unknown user as it is."""
    return os.path.expanduser(typed)  # noqa: PTH111 - Path's raises


def typed_path(values: Values, field: str, missing: str) -> str:
    """Return the path of a field with `~` expanded, which quoting would prevent."""
    return _at_home(values.get(field, "")) or missing


def new_name(values: Values) -> NewName:
    """Return the name of the new image, and whether it may be taken from another."""
    return NewName(values.get("name", ""), force=bool(values.get(TAKE)))


def taken_hint(taken: Mapping[str, int], typed: str, image: int | None = None) -> str:
    """Return the hint that another image has the typed name, else ''."""
    holder = taken.get(typed)
    if holder in (None, image):
        return ""
    return (
        f"Image {holder} is called {clean(typed)}: you are asked before the name moves"
    )


def taken_names(forest: Forest) -> dict[str, int]:
    """Map each name of the forest to its image."""
    return {name: node.id for node in forest.images.values() for name in node.names}
