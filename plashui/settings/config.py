"""The user's config file, in TOML: each value is checked, each error names its line.

Invalid settings are reported and keep their defaults.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from typing import Any, Final

COLUMNS: Final = ("bar", "subtree", "age", "used")
"""The columns of the tree that can be left out."""

HOMES: Final = ("shared", "read-only", "private")
"""What /home, /root and /tmp are in an image: this machine's own, this machine's own
read-only, or the image's own."""
_HOMES_SAID: Final = ", ".join(HOMES)

DETAILS: Final = (20, 200)
"""The least and the greatest width of the details, in terminal cells."""

Where = tuple[str, ...]
"""The keys that lead to a value: `("keys", "remove")`."""


class Registry(NamedTuple):
    """How a registry is reached.

    `mirrors` (`HOST[:PORT][/PATH]`) are asked before it. `insecure`: its certificate is
    not checked, and it may do without encryption.
    """

    mirrors: tuple[str, ...] = ()
    insecure: bool = False


class Config(NamedTuple):
    """All settings, with their defaults.

    None follows the environment. `details` is in cells, 0 for a width that fits the
    screen; `trash_age` is in seconds.
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
    default_registry: str = "docker.io"
    registries: Mapping[str, Registry] = {}
    lxc_server: str = "https://images.linuxcontainers.org"
    keep_blobs: bool = False


class Trouble(NamedTuple):
    """One error in a config file, with its remedy; `line` is 0 if it is unknown."""

    file: str
    line: int
    sentence: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return file, line, sentence and remedy as one text."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        words = f"{place}: {self.sentence}"
        return f"{words}. {self.remedy}" if self.remedy else words


class Loaded(NamedTuple):
    """A config with the path of its file, which may be missing, and its errors.

    `source` is the text of the file.
    """

    config: Config
    file: str
    source: str = ""
    troubles: tuple[Trouble, ...] = ()

    def lines(self) -> Mapping[Where, int]:
        """Return the line of each value, counted from 1."""
        # Imported here: tomlkit takes longer than reading the config.
        from plashui.settings.toml import line_numbers

        return line_numbers(self.source) if self.source else {}

    def with_troubles(self, found: Sequence[tuple[Where, str, str]]) -> Loaded:
        """Add errors, each given as keys, sentence and remedy; find their lines."""
        if not found:
            return self
        lines = self.lines()
        more = tuple(
            Trouble(self.file, lines.get(path, 0), sentence, remedy)
            for path, sentence, remedy in found
        )
        return self._replace(troubles=self.troubles + more)


def config_file() -> str:
    """Return the config's path, below $XDG_CONFIG_HOME, else below ~/.config."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not home.is_absolute():  # ignored, by the XDG Base Directory Specification
        home = Path("~/.config").expanduser()
    return str(home / "plashui/config.toml")


def load(file: str | None = None) -> Loaded:
    """Read the config file; report errors in the result instead of raising them."""
    name = file or config_file()
    try:
        with open(name, "rb", opener=_at_once) as stream:
            # read() returns None for an empty pipe.
            source = (stream.read() or b"").decode()
    except (FileNotFoundError, NotADirectoryError):
        return Loaded(Config(), name)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        trouble = Trouble(name, line, "the file is not UTF-8", "Save it as UTF-8")
        return Loaded(Config(), name, "", (trouble,))
    except OSError as error:
        trouble = Trouble(name, 0, f"cannot read the file: {error.strerror}")
        return Loaded(Config(), name, "", (trouble,))
    return parse(source, name)


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting; a pipe may have no writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def parse(source: str, file: str) -> Loaded:
    """Parse a config from its text; `file` only appears in errors."""
    import tomllib

    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        # tomllib also lets out ValueError of numbers and RecursionError.
        from plashui.settings.toml import error_line

        words = str(error).partition(" (at ")[0].partition(";")[0]
        sentence = f"the file is not valid TOML: {words}"
        remedy = "Until this is corrected, all settings keep their defaults"
        trouble = Trouble(file, error_line(source), sentence, remedy)
        return Loaded(Config(), file, "", (trouble,))
    checker = _Checker()
    values = checker.taken(document)
    loaded = Loaded(Config(**values), file, source)
    return loaded.with_troubles(checker.found)


class _Checker:
    """Takes the valid values from a document and collects errors for the others."""

    def __init__(self) -> None:
        self.found: list[tuple[Where, str, str]] = []

    def taken(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the valid values of a document, by the fields of Config."""
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
                (
                    (name,),
                    f"{name} must be a table",
                    f"Write [{name}] and its keys below it",
                )
            )
            return found
        check = _TABLES[name]
        for key, one in value.items():
            if name == "registries":
                self._registry(found, key, one)
            else:
                self._take(found, key, (name, key), one, check)
        return found

    def _registry(self, into: dict[str, Any], host: str, value: object) -> None:
        path = ("registries", host)
        fields: dict[str, Any] = {}
        self._take(fields, "host", path, host, _registry_host)
        if not isinstance(value, dict):
            remedy = f'Write [registries."{host}"] and its keys below it'
            self.found.append((path, f"{_dotted(path)} must be a table", remedy))
            return
        for key, one in value.items():
            if key in REGISTRY:
                setting = REGISTRY[key]
                self._take(fields, setting.field, (*path, key), one, setting.check)
            else:
                self._unknown((*path, key), REGISTRY)
        if fields.pop("host", ""):
            into[host] = Registry(**fields)

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
        if close:
            remedy = f"Did you mean {close[0]!r}?"
        else:
            remedy = f"Known: {', '.join(known)}"
        self.found.append((path, f"unknown setting {_dotted(path)!r}", remedy))


def _dotted(path: Where) -> str:
    """Join the keys of a path by dots; cut the result at 60 characters."""
    words = ".".join(path)
    return words if len(words) <= 60 else f"{words[:59]}…"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise PlashError(f"{_shown(value)} is not a string", 'Put it in quotes: "…"')
    return value


def _word(value: object) -> str:
    word = _text(value)
    if not word or not word.isprintable():
        raise PlashError(f"{_shown(value)} is empty or contains control characters")
    return word


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise PlashError(
            f"{_shown(value)} is neither true nor false",
            "Write true or false without quotes",
        )
    return value


def _place(value: object) -> str:
    try:
        place = Path(_word(value)).expanduser()
    except RuntimeError as error:  # ~NAME without such a user
        raise PlashError(f"{_shown(value)}: {error}") from error
    if not place.is_absolute():
        raise PlashError(
            f"{_shown(value)} is not an absolute path",
            "Begin with / or ~/",
        )
    return str(place)


def _program(value: object) -> str:
    word = _text(value)
    if word and not word.startswith("/"):
        raise PlashError(
            f"{_shown(value)} is not an absolute path in an image",
            "For example /bin/bash, or '' for root's login shell",
        )
    return word


def _home(value: object) -> str:
    word = _text(value)
    if word and word not in HOMES:
        raise PlashError(
            f"{_shown(value)} is not a known value",
            f"Choose one of: {_HOMES_SAID}",
        )
    return word


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise PlashError(f"{_shown(value)} is not a list", 'For example ["a", "b"]')
    return tuple(map(_word, value))


def _registry_host(value: object) -> str:
    import re  # rarely set

    word = _word(value)
    if not re.fullmatch(r"[\w.-]+(:\d+)?|\[[\da-fA-F:]+\](:\d+)?", word, re.ASCII):
        raise PlashError(
            f"{_shown(value)} is not a registry",
            "For example docker.io or localhost:5000",
        )
    return word


def _web_address(value: object) -> str:
    from urllib.parse import urlsplit  # rarely set

    word = _word(value)
    try:
        parts = urlsplit(word)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise PlashError(
            f"{_shown(value)} is not a web address",
            "For example https://images.linuxcontainers.org",
        )
    return word


def _mirrors(value: object) -> tuple[str, ...]:
    words = _words(value)
    for word in words:
        _registry_host(word.partition("/")[0])
    return words


def _some_columns(value: object) -> tuple[str, ...]:
    words = _words(value)
    for word in words:
        if word not in COLUMNS:
            raise PlashError(f"unknown column {word!r}", f"Known: {', '.join(COLUMNS)}")
    return words


def _cells(value: object) -> int:
    least, most = DETAILS
    right = isinstance(value, int) and not isinstance(value, bool)
    if not right or (value and not least <= value <= most):  # type: ignore[operator]
        raise PlashError(
            f"{_shown(value)} is not a width",
            f"Give a number from {least} to {most}, or 0",
        )
    return value  # type: ignore[return-value]


def _span(value: object) -> float | None:
    from plashui.base.units import parse_span  # rarely set

    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and abs(value) < 10**9:  # type: ignore[arg-type]
        words: object = f"{value}d"
    else:
        words = value
    try:
        return parse_span(_text(words)) or None
    except PlashError as error:
        raise PlashError(
            f"{_shown(value)} is not a span of time",
            "For example 30d, or a number of days",
        ) from error


def _some_keys(value: object) -> tuple[str, ...]:
    return (_word(value),) if isinstance(value, str) else _words(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        text = "this"  # too many digits, or nested too deeply
    return clean(text if len(text) <= 40 else f"{text[:39]}…")


class Setting(NamedTuple):
    """A setting outside tables: its field in Config, its check, its description."""

    field: str
    check: Callable[[Any], Any]
    about: str


SETTINGS: Final[dict[str, Setting]] = {
    "theme": Setting("theme", _word, "plashui (dark), plashui-light, …"),
    "color": Setting("color", _truth, "default: as NO_COLOR says"),
    "ascii": Setting("ascii", _truth, "default: as the locale says"),
    "columns": Setting("columns", _some_columns, "columns of the tree"),
    "details-width": Setting("details", _cells, "in cells; 0: fits the screen"),
    "shell": Setting("shell", _program, "in images; '': root's login shell"),
    "shell-home": Setting(
        "shell_home", _home, f"homes in the app's shells: {_HOMES_SAID}"
    ),
    "trash-age": Setting(
        "trash_age", _span, "age at which the app offers to empty the trash"
    ),
    "default-registry": Setting(
        "default_registry", _registry_host, "the registry of names without a host"
    ),
    "lxc-server": Setting("lxc_server", _web_address, "the image server of pull:lxc"),
    "keep-blobs": Setting(
        "keep_blobs", _truth, "pull:oci keeps layers as they come for 30 days"
    ),
}
"""The settings outside tables, by their names in the file."""

REGISTRY: Final[dict[str, Setting]] = {
    "mirrors": Setting("mirrors", _mirrors, "asked first: HOST[:PORT][/PATH]"),
    "insecure": Setting(
        "insecure", _truth, "no check of its certificate; http if it has no https"
    ),
}
"""The settings of a table [registries."HOST"]."""

_TABLES: Final[dict[str, Callable[[Any], Any]]] = {
    "stores": _place,
    "registries": _text,  # of tables, each checked by REGISTRY
    "keys": _some_keys,
}
"""The tables, and how each value in one is checked."""


def place_of(word: str, config: Config) -> str:
    """Return the path of a store given by its name in the config or by its path.

    Raises PlashError for a word that is neither.
    """
    if word in config.stores:
        return config.stores[word]
    path = Path(word).expanduser()
    if "/" in word or path.is_dir():
        return str(path)
    names = ", ".join(map(repr, config.stores))
    if names:
        remedy = f"Stores in the config: {names}"
    else:
        remedy = "[stores] in the config can name stores"
    sentence = f"{word!r} is neither a store of the config nor a directory"
    raise PlashError(sentence, remedy)
