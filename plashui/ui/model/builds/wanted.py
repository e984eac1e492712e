"""What the form of a build says: a command, macros, or a file.

A command that begins with a dash is macros on the image under the cursor, such as
`--apt git`. Macros that begin with an image themselves are built on that. A file is a
Containerfile, or one of macros (a plashfile).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.small_file import read_small
from plashui.recipes.look import Options
from plashui.ui.model.forms.form import Values
from plashui.ui.model.forms.typed import is_directory, path_of, words_of, words_or_none
from plashui.ui.model.text.lines import cut

if TYPE_CHECKING:
    from plashui.recipes.containerfile.reading import Request
    from plashui.recipes.macros.recipe import Recipe
    from plashui.recipes.plan import Plan
    from plashui.store.store import Store

COMMAND: Final = "command"
SHELL: Final = "shell"
FILE: Final = "file"
"""Kinds of builds, as the form has them."""

ARGUMENT: Final = "arg-"
"""Begins the names of the fields that ARGs of a Containerfile have."""
SECRET: Final = "secret-"  # noqa: S105 - it is none
"""Begins the names of the fields that secrets of a Containerfile have."""
_TITLE: Final = 40
"""Characters of macros that are in the title of a job."""
_NOT_LOOKED_AT: Final = ("import", "eval-github", "from-github")
"""Macros that would do something before anybody has said so."""


class Wanted(NamedTuple):
    """A build of macros or of a file; `image` is what macros begin with."""

    image: int | None
    line: str = ""
    file: str = ""
    options: Options = Options()
    context: str = ""
    target: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()

    def plan(self, store: Store, *, looks: bool = False) -> Plan:
        """Return the plan; PlashError for a wrong one.

        If it only `looks`, no macro runs programs or asks other machines.
        """
        if self.file and is_containerfile(self.file):
            from plashui.recipes.containerfile.reading import compiled

            return compiled(store, self.request()).plan
        return self._macros(looks=looks)

    def check(self, store: Store) -> None:
        """Raise PlashError if it is wrong, as far as can be told without doing it.

        Macros that do something at once are only done when the image is built.
        """
        if not self.line or not _does_at_once(words_of(self.line, "the macros")):
            self.plan(store, looks=True)

    def request(self) -> Request:
        """Return what is asked of a Containerfile."""
        from plashui.recipes.containerfile.reading import Request

        directory = self.file if is_directory(Path(self.file)) else ""
        context = self.context or directory or str(Path(self.file).parent)
        file = "" if directory else self.file
        secrets = dict(self.secrets)
        for name, path in self.secrets:
            if not Path(path).is_file():
                raise PlashError(f"The secret {name} is not there: no file {path}")
        return Request(context, file, self.target, dict(self.arguments), secrets)

    def words(self) -> list[str]:
        """Return the command line that builds the same."""
        if self.file and is_containerfile(self.file):
            return self._build_file()
        base = [] if self.image is None else ["--from", str(self.image)]
        if not self.file:
            return ["build", *self._options(), *base, *words_or_none(self.line)]
        base = base if not self._has_base() else []
        return ["build", *self._options(), *base, "--eval-file", self.file]

    def title(self) -> str:
        """Say what is built."""
        if self.file:
            return f"Build {Path(self.file).name or self.file}"
        return f"Build {cut(self.line, _TITLE)} on {self.image}"

    def _options(self) -> list[str]:
        options = self.options
        return [
            *([] if options.cached else ["--no-cache"]),
            *(["--pull"] if options.pull else []),
            *([] if options.network else ["--network", "none"]),
        ]

    def _build_file(self) -> list[str]:
        request = self._replace(secrets=()).request()
        default = request.file in {
            f"{request.directory}/{name}" for name in ("Containerfile", "Dockerfile")
        }
        words = ["build:file", *self._options()]
        if request.file and not default:
            words += ["-f", request.file]
        if request.target:
            words += ["--target", request.target]
        for name, value in request.arguments.items():
            words += ["--build-arg", f"{name}={value}"]
        for name, path in self.secrets:
            words += ["--secret", f"id={name},src={path}"]
        return [*words, request.directory]

    def _has_base(self) -> bool:
        try:
            return self._recipe(looks=True).has_base()
        except (PlashError, OSError):
            return False

    def _macros(self, *, looks: bool) -> Plan:
        from plashui.recipes.plan import At, FromImage

        recipe = self._recipe(looks=looks)
        if not recipe.has_base() and self.image is not None:
            recipe.begin(FromImage(str(self.image)), At())
        return recipe.plan()

    def _recipe(self, *, looks: bool) -> Recipe:
        from plashui.recipes.macros.compile import Recipe, from_words
        from plashui.recipes.words import Macro

        recipe = Recipe(os.getcwd(), _no_input)  # noqa: PTH109 - macros take strings
        for name in _NOT_LOOKED_AT if looks else ():
            del recipe.macros[name]
        if self.file:
            recipe.do(Macro("eval-file", (self.file,)))
        else:
            recipe.eval(from_words(words_of(self.line, "the macros")))
        return recipe


def wanted(image: int | None, values: Values) -> Wanted | None:
    """Return the build of a plan that a form says; None for a command or a shell."""
    options = Options(
        cached=values.get("cache") != "none",
        pull=values.get("pull") == "yes",
        network=values.get("network") != "none",
    )
    if values.get("what") == FILE:
        arguments = tuple(
            (name.removeprefix(ARGUMENT), value)
            for name, value in values.items()
            if name.startswith(ARGUMENT) and value
        )
        typed = values.get("file", "")
        file = str(path_of(typed, "file")) if typed else ""
        context = values.get("context", "")
        return Wanted(
            image,
            file=file,
            options=options,
            context=str(path_of(context, "directory")) if context else "",
            target=values.get("target", ""),
            arguments=arguments,
            secrets=tuple(
                (name.removeprefix(SECRET), str(path_of(value, "file")))
                for name, value in values.items()
                if name.startswith(SECRET) and value
            ),
        )
    line = values.get("command", "")
    if values.get("what") == SHELL or not is_macros(line):
        return None
    return Wanted(image, line=line, options=options)


def is_macros(line: str) -> bool:
    """Return whether a command line is macros."""
    return line.lstrip().startswith("-")


def is_containerfile(path: str) -> bool:
    """Return whether a file is a Containerfile, and not one of macros.

    A directory has one. Macros begin with a dash, or with `#!`.
    """
    name = Path(path).name.lower()
    if "containerfile" in name or "dockerfile" in name or Path(path).is_dir():
        return True
    try:
        text = read_small(os.path.realpath(path), 1 << 16).decode("utf-8", "replace")
    except OSError:
        return True
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("# ")), "")
    return not first.startswith(("-", "#!"))


def _does_at_once(words: tuple[str, ...]) -> bool:
    return any(word.lstrip("-") in _NOT_LOOKED_AT for word in words)


def _no_input() -> bytes:
    raise PlashError("there is no standard input in the app", "Put it into a file")
