"""How an app shall run, as a person says it; checked before anything is made."""

from __future__ import annotations

import re

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Final

KINDS: Final = ("bind", "env", "instance", "output")
TYPES: Final = ("str", "int", "bool")
ROOTS: Final = ("overlay", "copy", "read-only")
COMPRESSIONS: Final = ("zstd", "gzip", "lz4", "xz", "none")
OUTPUT: Final = "-o:output"
"""The argument that `--output` declares."""

_NAME: Final = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_+.-]{0,63}")
_OPERAND: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTION: Final = re.compile(r"-[A-Za-z0-9]|--[A-Za-z0-9][A-Za-z0-9_-]*")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INTEGER: Final = re.compile(r"-?[0-9]+")
_BOOLEANS: Final = ("true", "1", "yes", "false", "0", "no", "")


class Option(NamedTuple):
    """An option with a value, `--name METAVAR`, by which a person says how an app is.

    One that may be said `several` times has a list of values.
    """

    name: str
    metavar: str
    about: str
    several: bool = False


OPTIONS: Final = (
    Option("name", "NAME", "of the app; else that of FILE"),
    Option("cmd", "CMD", "what is run if no words are given, as of `plash config`"),
    Option("entrypoint", "CMD", "what is always run; the words come after it"),
    Option("arg", "NAME:KIND", "an argument; in the order of the operands", True),
    Option(
        *("bind", "SOURCE:PLACE[:ro]", "a file or directory that is always shared"),
        several=True,
    ),
    Option("env", "NAME[:TYPE]=VALUE", "a variable", True),
    Option("icon", "FILE", "a .png or .svg"),
    Option("desktop", "FILE", "a desktop entry"),
    Option(
        "definition",
        "FILE",
        "build the image first, as a definition file of elements says; no ID then",
    ),
)
"""The options of `push:app` with a value, which the app's form has, too."""


class WrongOption(PlashError):
    """What was said of an app by the option `option` is wrong."""

    def __init__(self, option: str, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence, remedy)
        self.option = option


class AppOptions(NamedTuple):
    """What is said of an app, beside what the config of its image says.

    `cmd` and `entrypoint` are as of `plash config`, None if they are the image's.
    `arguments`, `binds` and `variables` are as `Arg`, `Bind` and `Set` of app.conf.
    `resolv` is None for what suits the network.
    """

    name: str
    cmd: str | None = None
    entrypoint: str | None = None
    arguments: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    network: bool = False
    resolv: bool | None = None
    root: str = "overlay"
    prompt: int = 0

    def check(self) -> None:
        """Raise WrongOption for what a runtime would refuse."""
        check_name(self.name)
        _check_all(self.arguments, _argument, "arg")
        names = [word.partition(":")[0] for word in self.arguments]
        for name in names:
            if names.count(name) > 1:
                raise WrongOption("arg", f"two arguments are called {name}")
        kinds = [kind_of(word) for word in self.arguments]
        for kind in ("instance", "output"):
            if kinds.count(kind) > 1:
                raise WrongOption("arg", f"two arguments are of the kind {kind}")
        _check_all(self.binds, _bind, "bind")
        _check_all(self.variables, _variable, "env")
        if self.root not in ROOTS:
            raise PlashError(f"a root directory cannot be {self.root}")
        if not 0 <= self.prompt <= 99:
            raise PlashError(f"the colour {self.prompt} is not one from 0 to 99")

    def said(
        self,
        values: Mapping[str, str | Sequence[str] | None],
        *,
        network: bool,
        read_only: bool,
    ) -> AppOptions:
        """Return these options with what a person says, by the names of OPTIONS."""

        def one(name: str) -> str | None:
            value = values.get(name)
            return value if isinstance(value, str) else None

        def all_of(name: str) -> tuple[str, ...]:
            return tuple(values.get(name) or ())

        return self._replace(
            name=one("name") or self.name,
            cmd=one("cmd"),
            entrypoint=one("entrypoint"),
            arguments=(*self.arguments, *all_of("arg")),
            binds=(*self.binds, *all_of("bind")),
            variables=(*self.variables, *all_of("env")),
            network=self.network or network,
            root="read-only" if read_only else self.root,
        )


def check_name(name: str) -> None:
    """Raise WrongOption if no app can have this name."""
    if not _NAME.fullmatch(name):
        raise WrongOption(
            "name",
            f"no app can be called {name!r}",
            "Letters, digits and _+.- can be in a name, of at most 64",
        )


def name_of(word: str) -> str:
    """Return the name of an app that is made of what a word means, or of that file."""
    name = re.sub(r"[^A-Za-z0-9_+.-]+", "-", word.rpartition("/")[2])[:64]
    return name.lstrip("-.") or "app"


def kind_of(argument: str) -> str:
    """Return the kind of an argument, `NAME:KIND[>PARAMETER]`."""
    return argument.partition(":")[2].partition(">")[0]


def _check_all(words: Iterable[str], wrong: Callable[[str], str], option: str) -> None:
    for word in words:
        why = "it has a NUL" if "\0" in word else wrong(word)
        if why:
            raise WrongOption(option, f"--{option} {word}: {why}")


def _argument(word: str) -> str:
    """Say what is wrong with `NAME:KIND[>PARAMETER]`; "" if nothing is."""
    name, colon, rest = word.partition(":")
    kind, arrow, parameter = rest.partition(">")
    if not colon:
        return "write NAME:KIND or NAME:KIND>PARAMETER"
    pattern = _OPTION if name.startswith("-") else _OPERAND
    if not pattern.fullmatch(name):
        return f"{name!r} is neither -x, nor --word, nor the name of an operand"
    if kind not in KINDS:
        return f"the kind is one of {', '.join(KINDS)}, not {kind!r}"
    if kind == "bind":
        place, colon, flag = parameter.partition(":")
        if not place.startswith("/"):
            return "write bind>/PLACE, or bind>/PLACE:ro"
        return _flag(flag) if colon else ""
    if kind == "env":
        variable, colon, type_ = parameter.partition(":")
        return _typed(variable, type_ if colon else "str")
    return f"{kind} takes no parameter" if arrow else ""


def _flag(flag: str) -> str:
    return "" if flag in ("ro", "rw") else f"{flag!r} is neither ro nor rw"


def _typed(variable: str, type_: str) -> str:
    if not _VARIABLE.fullmatch(variable):
        return f"{variable!r} is not the name of a variable"
    return "" if type_ in TYPES else f"the type is one of {', '.join(TYPES)}"


def _bind(word: str) -> str:
    parts = word.split(":")
    if not 2 <= len(parts) <= 3 or not all(parts):
        return "write SOURCE:/PLACE, or SOURCE:/PLACE:ro"
    if not parts[1].startswith(("/", "$")):
        return f"{parts[1]!r} is not an absolute path in the app"
    return _flag(parts[2]) if len(parts) == 3 else ""


def _variable(word: str) -> str:
    left, equals, value = word.partition("=")
    name, colon, type_ = left.partition(":")
    if not equals:
        return "write NAME=VALUE, or NAME:TYPE=VALUE"
    why = _typed(name, type_ if colon else "str")
    if why or value.startswith("$"):
        return why
    if type_ == "int" and not _INTEGER.fullmatch(value):
        return f"{value!r} is not a whole number"
    if type_ == "bool" and value not in _BOOLEANS:
        return f"{value!r} is neither true nor false"
    return ""
