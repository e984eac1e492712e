"""What a person has set, in TOML; each value checked, each error with its line.

A broken config never stops anything: what is wrong in it is told, and is as ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.text import clean

if TYPE_CHECKING:
    from typing import Any, Final

COLUMNS: Final = ("bar", "subtree", "age", "used")
"""The columns of the tree that one can do without."""

HOMES: Final = ("shared", "read-only", "private")
"""What /home, /root and /tmp are in an image: this machine's, those read-only, or the
image's own."""
_HOMES_SAID: Final = ", ".join(HOMES)

DETAILS: Final = (20, 200)
"""Cells the details may take: the least, the most."""

Where = tuple[str, ...]
"""The keys that lead to a value, from the top."""


class Config(NamedTuple):
    """All that can be set, as it is if nothing is.

    None is "as the surroundings say". `details` in cells, 0 = as the width of the
    screen says; `trash_age` in seconds.
    """

    theme: str = "plashui"
    color: bool | None = None
    ascii: bool | None = None
    columns: tuple[str, ...] = COLUMNS
    details: int = 0
    shell: str = ""
    trash_age: float | None = None
    stores: Mapping[str, str] = {}
    keys: Mapping[str, tuple[str, ...]] = {}
    shell_home: str = ""


class Trouble(NamedTuple):
    """One thing that is wrong in a config, and what to do about it."""

    file: str
    line: int
    sentence: str
    remedy: str = ""

    def __str__(self) -> str:
        """With the place first, in one sentence and its remedy."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        words = f"{place}: {self.sentence}"
        return f"{words}. {self.remedy}" if self.remedy else words


class Loaded(NamedTuple):
    """A config, the file it is from (be it there or not), and what is wrong in it.

    `source` is its text; what is not there is as ever.
    """

    config: Config
    file: str
    source: str = ""
    troubles: tuple[Trouble, ...] = ()

    def lines(self) -> Mapping[Where, int]:
        """The line on which each value stands."""
        from plashui.settings.toml import (
            line_numbers,  # longer than all else here takes
        )

        return line_numbers(self.source) if self.source else {}

    def with_troubles(self, found: Sequence[tuple[Where, str, str]]) -> Loaded:
        """The same with more that is wrong: the path to it, a sentence, a remedy."""
        if not found:
            return self
        lines = self.lines()
        more = tuple(
            Trouble(self.file, lines.get(path, 0), sentence, remedy)
            for path, sentence, remedy in found
        )
        return self._replace(troubles=self.troubles + more)


def config_file() -> str:
    """Where the config is: $XDG_CONFIG_HOME, else .config at home."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not home.is_absolute():  # so says the specification of these variables
        home = Path("~/.config").expanduser()
    return str(home / "plashui/config.toml")


def load(file: str | None = None) -> Loaded:
    """The config as it is in the file; raises nothing."""
    name = file or config_file()
    try:
        with open(name, "rb", opener=_at_once) as stream:
            # None is of a pipe to which nobody has written yet.
            source = (stream.read() or b"").decode()
    except (FileNotFoundError, NotADirectoryError):
        return Loaded(Config(), name)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        trouble = Trouble(name, line, "this is no UTF-8", "Save it as UTF-8")
        return Loaded(Config(), name, "", (trouble,))
    except OSError as error:
        trouble = Trouble(name, 0, f"cannot read it: {error.strerror}")
        return Loaded(Config(), name, "", (trouble,))
    return parse(source, name)


def _at_once(path: str, flags: int) -> int:
    """Open it without waiting for whoever writes, should it be a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def parse(source: str, file: str) -> Loaded:
    """The config that a text says; `file` is only what it is called by."""
    import tomllib

    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        # Beside its own, tomllib lets out errors of numbers and of deep brackets.
        from plashui.settings.toml import error_line

        words = str(error).partition(" (at ")[0].partition(";")[0]
        sentence = f"this is no TOML: {words}"
        remedy = "Until it is, nothing in it holds"
        trouble = Trouble(file, error_line(source), sentence, remedy)
        return Loaded(Config(), file, "", (trouble,))
    checker = _Checker()
    values = checker.taken(document)
    loaded = Loaded(Config(**values), file, source)
    return loaded.with_troubles(checker.found)


class _Checker:
    """Takes values out of a document, and remembers what is wrong with the others."""

    def __init__(self) -> None:
        self.found: list[tuple[Where, str, str]] = []

    def taken(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a config that are right."""
        values: dict[str, Any] = {}
        for key, value in document.items():
            if key in SETTINGS:
                setting = SETTINGS[key]
                self._take(values, setting.field, (key,), value, setting.check)
            elif key in _TABLES:
                values[key] = self._table(key, value)
            else:
                self._unknown((key,), (*SETTINGS, *_TABLES))
        return values

    def _table(self, name: str, value: object) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if not isinstance(value, dict):
            self.found.append(
                ((name,), f"{name} is a table", f"Write [{name}], and its keys below")
            )
            return found
        check = _TABLES[name]
        for key, one in value.items():
            self._take(found, key, (name, key), one, check)
        return found

    def _take(
        self,
        into: dict[str, Any],
        field: str,
        path: Where,
        value: object,
        check: Callable[[Any], Any],
    ) -> None:
        try:
            into[field] = check(value)
        except PlashError as error:
            sentence = f"{_dotted(path)}: {error.args[0]}"
            self.found.append((path, sentence, error.remedy))

    def _unknown(self, path: Where, known: Sequence[str] | Mapping[str, Any]) -> None:
        import difflib

        close = difflib.get_close_matches(path[-1], known, 1)
        remedy = f"Is it {close[0]!r}?" if close else f"There are: {', '.join(known)}"
        self.found.append((path, f"no setting {_dotted(path)!r}", remedy))


def _dotted(path: Where) -> str:
    """A path as one may write it, cut where it is too long to be told."""
    words = ".".join(path)
    return words if len(words) <= 60 else f"{words[:59]}…"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise PlashError(f"{_shown(value)} is no text", 'Put it in quotes: "…"')
    return value


def _word(value: object) -> str:
    word = _text(value)
    if not word or not word.isprintable():
        raise PlashError(f"{_shown(value)} is nothing to go by")
    return word


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise PlashError(f"{_shown(value)} is neither true nor false", "Without quotes")
    return value


def _place(value: object) -> str:
    try:
        place = Path(_word(value)).expanduser()
    except RuntimeError as error:  # nobody of that name has a home
        raise PlashError(f"{_shown(value)}: {error}") from error
    if not place.is_absolute():
        raise PlashError(f"{_shown(value)} is no absolute path", "Begin with / or ~/")
    return str(place)


def _program(value: object) -> str:
    word = _text(value)
    if word and not word.startswith("/"):
        raise PlashError(
            f"{_shown(value)} is no path in an image", "As in /bin/bash; '' is as ever"
        )
    return word


def _home(value: object) -> str:
    word = _text(value)
    if word and word not in HOMES:
        raise PlashError(
            f"{_shown(value)} is not a way to have a home", f"There are: {_HOMES_SAID}"
        )
    return word


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise PlashError(f"{_shown(value)} is no list", 'As in ["a", "b"]')
    return tuple(map(_word, value))


def _some_columns(value: object) -> tuple[str, ...]:
    words = _words(value)
    for word in words:
        if word not in COLUMNS:
            raise PlashError(f"no column {word!r}", f"There are: {', '.join(COLUMNS)}")
    return words


def _cells(value: object) -> int:
    least, most = DETAILS
    right = isinstance(value, int) and not isinstance(value, bool)
    if not right or (value and not least <= value <= most):  # type: ignore[operator]
        raise PlashError(
            f"{_shown(value)} is no width", f"A number from {least} to {most}, or 0"
        )
    return value  # type: ignore[return-value]


def _span(value: object) -> float | None:
    from plashui.base.text import parse_span

    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and abs(value) < 10**9:  # type: ignore[arg-type]
        words: object = f"{value}d"
    else:
        words = value
    try:
        return parse_span(_text(words)) or None
    except PlashError as error:
        raise PlashError(
            f"{_shown(value)} is no span of time", "As in 30d, or a number of days"
        ) from error


def _some_keys(value: object) -> tuple[str, ...]:
    return (_word(value),) if isinstance(value, str) else _words(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        text = "this"  # a number too long to be written, or brackets too deep
    return clean(text if len(text) <= 40 else f"{text[:39]}…")


class Setting(NamedTuple):
    """A setting outside tables: its field, how it is checked, what it is for."""

    field: str
    check: Callable[[Any], Any]
    about: str


SETTINGS: Final[dict[str, Setting]] = {
    "theme": Setting("theme", _word, "plashui (dark), plashui-light, …"),
    "color": Setting("color", _truth, "as NO_COLOR says, if not set"),
    "ascii": Setting("ascii", _truth, "as the locale says, if not set"),
    "columns": Setting("columns", _some_columns, "of the tree"),
    "details-width": Setting("details", _cells, "cells; 0: as the screen is wide"),
    "shell": Setting("shell", _program, "in images; '': the login shell of root"),
    "shell-home": Setting("shell_home", _home, f"of the app's shells: {_HOMES_SAID}"),
    "trash-age": Setting(
        "trash_age", _span, "after that the app offers to empty the trash"
    ),
}
"""What stands outside tables, by its name in the file."""

_TABLES: Final[dict[str, Callable[[Any], Any]]] = {
    "stores": _place,
    "keys": _some_keys,
}
"""The tables, and how each value in one is checked."""


def place_of(word: str, config: Config) -> str:
    """The path of a store that was asked for by its name in the config, or its path.

    Raises PlashError for a word that is neither.
    """
    if word in config.stores:
        return config.stores[word]
    path = Path(word).expanduser()
    if "/" in word or path.is_dir():
        return str(path)
    names = ", ".join(map(repr, config.stores))
    remedy = f"There are {names}" if names else "[stores] in the config names some"
    raise PlashError(f"no store {word!r}, and no such directory", remedy)
