"""What was typed in a field: the words of a command, a path."""

from __future__ import annotations

import os
import re
import shlex
import stat
from pathlib import Path
from typing import Final

from plashui.base.errors import PlashError
from plashui.ui.model.forms.form import Values

_ASSIGNS: Final = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_]*=")


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
