"""What a form asks for, as plain values; `dialogs/form.py` shows any of them."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.store.new_name import NewName

if TYPE_CHECKING:
    from plashui.model.forest import Forest

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


_ASSIGNS: Final = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_]*=")


def nothing_wrong(_values: Values) -> None:
    """The check of a form that takes anything."""


def no_line(_values: Values) -> str:
    """For a form that no command line stands for."""
    return ""


class Form(NamedTuple):
    """A question with several answers.

    `name`: its answers are remembered under it ('' = they are not). `check` raises
    PlashError for what cannot be meant, and NameTaken for a `name` to be asked about.
    `line` is the command line it stands for. `taken` are the names that images have,
    `image` the one this is about.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    button: str
    hint: str = ""
    check: Callable[[Values], None] = nothing_wrong
    line: Callable[[Values], str] = no_line
    taken: Mapping[str, int] = {}
    image: int | None = None


NAME: Final = Field("name", "Name", hint="optional", remembered=False)

TAKE: Final = "take"
"""What a form answers beside its fields: "yes" if the name may leave another image."""


def shown_fields(form: Form, values: Values) -> list[Field]:
    """The fields that the choices made by now leave on show."""
    return [
        field
        for field in form.fields
        if field.when is None or values.get(field.when[0]) in field.when[1]
    ]


def to_remember(form: Form, values: Values) -> dict[str, str]:
    """What of the answers is offered again."""
    from plashui.transfer.web import shown

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


def command_of(line: str) -> tuple[str, ...]:
    """The words of a command; of a shell, if there is more in it than words."""
    words = words_of(line, "the command")
    return ("sh", "-c", line) if words and needs_shell(line) else words


def command_or_none(line: str) -> tuple[str, ...]:
    """The same of a line that is still being typed."""
    words = words_or_none(line)
    return ("sh", "-c", line) if words and needs_shell(line) else words


def needs_shell(line: str) -> bool:
    """Whether only a shell understands the line as whoever typed it: `a && b > c`."""
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
    """The path that was typed, absolute; PlashError if none was."""
    if not typed:
        raise PlashError(f"Which {what}?")
    return Path(os.path.abspath(_at_home(typed)))  # noqa: PTH100 - takes .. out, too


def is_directory(path: Path) -> bool | None:
    """Whether it is one, None if there is nothing; PlashError if nobody may know."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        why = error.strerror if isinstance(error, OSError) else error
        raise PlashError(f"cannot look at {path}: {why}") from error


def _at_home(typed: str) -> str:
    """With the home that a ~ stands for; one of nobody's stays as it is."""
    return os.path.expanduser(typed)  # noqa: PTH111 - Path's raises


def typed_path(values: Values, field: str, missing: str) -> str:
    """The path in a field as a shell needs it, which expands no quoted `~`."""
    return _at_home(values.get(field, "")) or missing


def new_name(values: Values) -> NewName:
    """What the new image is to be called, and whether another may lose that name."""
    return NewName(values.get("name", ""), force=bool(values.get(TAKE)))


def taken_hint(taken: Mapping[str, int], typed: str, image: int | None = None) -> str:
    """What is said under a name while it is typed, if another image has it; else ''."""
    holder = taken.get(typed)
    if holder in (None, image):
        return ""
    return (
        f"{clean(typed)} is the name of image {holder}: you are asked before it moves"
    )


def taken_names(forest: Forest) -> dict[str, int]:
    """The names there are, each with its image."""
    return {name: node.id for node in forest.images.values() for name in node.names}
