"""The user's config file, in TOML: each value is checked, each error names its line.

Invalid settings are reported and keep their defaults.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.settings import values

if TYPE_CHECKING:
    from typing import Any, Final

Where = tuple[str, ...]
"""The keys that lead to a value: `("keys", "remove")`."""


class Registry(NamedTuple):
    """How a registry is reached.

    `mirrors` (`HOST[:PORT][/PATH]`) are asked before it. `insecure`: its certificate is
    not checked, and it may do without encryption.
    """

    mirrors: tuple[str, ...] = ()
    insecure: bool = False


class Command(NamedTuple):
    """A command of the person's own, in the app: a line for sh, and its keys.

    `{id}`, `{name}` and `{dir}` in it stand for the image under the cursor.
    """

    run: str = ""
    key: tuple[str, ...] = ()


class Config(NamedTuple):
    """All settings, with their defaults.

    None follows the environment. `details` is in cells, 0 for a width that fits the
    screen; `trash_age` is in seconds.
    """

    theme: str = "plashui"
    color: bool | None = None
    ascii: bool | None = None
    columns: tuple[str, ...] = values.COLUMNS
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
    build_from: tuple[str, ...] = values.SOURCES
    releases: Mapping[str, str] = {}
    commands: Mapping[str, Command] = {}


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
        if not self.source:
            return {}
        # Imported here: tomlkit takes longer than reading the config.
        from plashui.settings.toml import line_numbers

        return line_numbers(self.source)

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
    home = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(home):  # ignored, by the XDG Base Directory Specification
        home = os.path.expanduser("~/.config")
    return os.path.join(home, "plashui/config.toml")


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
            elif name == "commands":
                self._command(found, key, one)
            else:
                self._take(found, key, (name, key), one, check)
        return found

    def _registry(self, into: dict[str, Any], host: str, value: object) -> None:
        path = ("registries", host)
        fields: dict[str, Any] = {}
        self._take(fields, "host", path, host, values.check_registry_host)
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

    def _command(self, into: dict[str, Any], name: str, value: object) -> None:
        path = ("commands", name)
        if not isinstance(value, dict):
            remedy = f'Write [commands."{name}"] and its keys below it'
            self.found.append((path, f"{_dotted(path)} must be a table", remedy))
            return
        fields: dict[str, Any] = {}
        for key, one in value.items():
            if key in COMMAND:
                setting = COMMAND[key]
                self._take(fields, setting.field, (*path, key), one, setting.check)
            else:
                self._unknown((*path, key), COMMAND)
        if fields.get("run"):
            into[name] = Command(**fields)
        elif "run" not in value:
            remedy = 'For example run = "ls {dir}"'
            self.found.append((path, f"{_dotted(path)} has no run", remedy))

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
        remedy = f"Did you mean {close[0]!r}?" if close else "`plash config` lists all"
        self.found.append((path, f"unknown setting {_dotted(path)!r}", remedy))


def _dotted(path: Where) -> str:
    """Join the keys of a path by dots; cut the result at 60 characters."""
    words = ".".join(path)
    return words if len(words) <= 60 else f"{words[:59]}…"


class Setting(NamedTuple):
    """A setting outside tables: its field in Config, its check, its description."""

    field: str
    check: Callable[[Any], Any]
    about: str


SETTINGS: Final[dict[str, Setting]] = {
    "theme": Setting("theme", values.check_word, "plashui (dark), plashui-light, …"),
    "color": Setting("color", values.check_truth, "default: as NO_COLOR says"),
    "ascii": Setting("ascii", values.check_truth, "default: as the locale says"),
    "columns": Setting("columns", values.check_columns, "columns of the tree"),
    "details-width": Setting(
        "details", values.check_cells, "in cells; 0: fits the screen"
    ),
    "shell": Setting(
        "shell", values.check_program, "in images; '': root's login shell"
    ),
    "shell-home": Setting(
        "shell_home",
        values.check_home,
        f"homes in the app's shells: {values.HOMES_SAID}",
    ),
    "trash-age": Setting(
        "trash_age", values.check_span, "age at which the app offers to empty the trash"
    ),
    "default-registry": Setting(
        "default_registry",
        values.check_registry_host,
        "the registry of names without a host",
    ),
    "lxc-server": Setting(
        "lxc_server", values.check_web_address, "the image server of pull:lxc"
    ),
    "keep-blobs": Setting(
        "keep_blobs",
        values.check_truth,
        "pull:oci keeps layers as they come for 30 days",
    ),
    "build-from": Setting(
        "build_from",
        values.check_sources,
        "where `from` looks for images: lxc, oci, docker",
    ),
}
"""The settings outside tables, by their names in the file."""

REGISTRY: Final[dict[str, Setting]] = {
    "mirrors": Setting(
        "mirrors", values.check_mirrors, "asked first: HOST[:PORT][/PATH]"
    ),
    "insecure": Setting(
        "insecure",
        values.check_truth,
        "no check of its certificate; http if it has no https",
    ),
}
"""The settings of a table [registries."HOST"]."""

COMMAND: Final[dict[str, Setting]] = {
    "run": Setting("run", values.check_word, "a line for sh; {id} {name} {dir}"),
    "key": Setting("key", values.check_keys, "the key, or a list of keys"),
}
"""The settings of a table [commands.NAME]."""

_TABLES: Final[dict[str, Callable[[Any], Any]]] = {
    "stores": values.check_place,
    "registries": values.check_text,  # of tables, each checked by REGISTRY
    "commands": values.check_text,  # of tables, each checked by COMMAND
    "keys": values.check_keys,
    "releases": values.check_word,
}
"""The tables, and how each value in one is checked."""


def place_of(word: str, config: Config) -> str:
    """Return the path of a store given by its name in the config or by its path.

    Raises PlashError for a word that is neither.
    """
    if word in config.stores:
        return config.stores[word]
    from pathlib import Path  # only the app needs it here

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
