"""Macros that read more macros: from files, text, standard input, other machines."""

from __future__ import annotations

import os
import stat

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.shell_words import split
from plashui.recipes.macros.table import MACROS, defined, taken
from plashui.recipes.words import Macro, from_text, from_words

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.macros.recipe import Recipe
    from plashui.recipes.plan import At

_MORE: Final = "more macros"
_GITHUB: Final = "https://raw.githubusercontent.com"
_MOST: Final = 4 << 20
"""The most bytes of a file of macros."""


def read_file(path: str, shown: str, at: At) -> str:
    """Return the text of a file of macros."""
    try:
        # A pipe without a writer is not waited for, a slow writer is.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(descriptor, True)
        with open(descriptor, encoding="utf-8-sig", errors="surrogateescape") as file:
            text = file.read(_MOST + 1)
            is_pipe = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
    except OSError as error:
        raise at.error(f"cannot read {shown}: {error.strerror}") from error
    if is_pipe and not text:
        raise at.error(f"cannot read {shown}: nothing came from the pipe")
    if len(text) > _MOST:
        raise at.error(f"cannot read {shown}: it is larger than 4 MiB")
    return text


@defined(
    "eval-file",
    "FILE",
    "do the macros in FILE (-I, include)",
    "--eval-file plashfile",
    group=_MORE,
    least=1,
    most=1,
)
def eval_file(recipe: Recipe, called: Macro) -> None:
    """Do the macros of a file, whose paths begin in its directory."""
    path = recipe.path(called.args[0])
    recipe.inputs.file(path)
    text = read_file(path, called.args[0], called.at)
    with recipe.inside(os.path.dirname(os.path.realpath(path)), called.at):
        recipe.eval(from_text(text, called.args[0]))


@defined(
    "eval-string",
    "TEXT",
    "do the macros in TEXT, split as a shell does it",
    "--eval-string '--run id'",
    group=_MORE,
    least=1,
    most=1,
)
def eval_string(recipe: Recipe, called: Macro) -> None:
    """Do the macros of a text."""
    try:
        macros = from_words(split(called.args[0]))
    except ValueError as error:
        raise called.at.error(f"cannot split the text into words: {error}") from None
    except PlashError as error:
        raise called.at.error(str(error.args[0]), error.remedy) from None
    with recipe.inside(recipe.directory, called.at):
        recipe.eval(one._replace(at=called.at, places=()) for one in macros)


@defined(
    "eval-stdin",
    "",
    "do the macros of standard input, which is read as a file",
    "--eval-stdin < plashfile",
    group=_MORE,
    most=0,
)
def eval_stdin(recipe: Recipe, called: Macro) -> None:
    """Do the macros of standard input."""
    with recipe.inside(recipe.directory, called.at):
        recipe.eval(from_text(recipe.read_input(), "standard input"))


@defined(
    "eval-github",
    "USER/REPO [FILE]",
    "do the macros of a file of a repository; of its plashfile",
    "--eval-github user/repo",
    group=_MORE,
    least=1,
    most=2,
)
def eval_github(recipe: Recipe, called: Macro) -> None:
    """Do the macros of a file on GitHub."""
    recipe.inputs.known = False
    text, name = _of_github(called)
    with recipe.inside(recipe.directory, called.at):
        recipe.eval(from_text(text, name))


@defined(
    "from-github",
    "USER/REPO [FILE]",
    "begin with what a file of a repository makes; its plashfile",
    "--from-github user/repo",
    group="what it begins with",
    least=1,
    most=2,
)
def from_github(recipe: Recipe, called: Macro) -> None:
    """Begin with what the macros of a file on GitHub make."""
    recipe.inputs.known = False
    text, name = _of_github(called)
    other = type(recipe)(recipe.directory, recipe.stdin)
    with recipe.inside(recipe.directory, called.at):
        other.eval(from_text(text, name))
    recipe.begin(recipe.as_stage(other, name), called.at)


def _of_github(called: Macro) -> tuple[str, str]:
    from plashui.store.store import Store
    from plashui.transfer.web.url import downloaded

    repository, *rest = called.args
    file = rest[0] if rest else "plashfile"
    if repository.count("/") != 1:
        raise called.at.error(f"{repository!r} is not USER/REPO")
    server = os.environ.get("PLASHUI_GITHUB", _GITHUB)
    url = f"{server}/{repository}/HEAD/{file}"
    store = Store.locate()
    store.create()
    try:
        with downloaded(store, url) as stream:
            text = stream.read(_MOST).decode("utf-8", "surrogateescape")
    except PlashError as error:
        raise called.at.error(str(error.args[0]), error.remedy) from error
    return text, f"{repository}/{file}"


@defined(
    "import",
    "MODULE...",
    "read macros of one's own from MODULE.py, beside the file",
    "--import my_macros",
    group=_MORE,
    least=1,
)
def import_(recipe: Recipe, called: Macro) -> None:
    """Read macros from Python modules."""
    from importlib.util import module_from_spec, spec_from_file_location

    recipe.inputs.known = False
    for name, at in called.lines:
        path = recipe.path(f"{name.replace('.', '/')}.py")
        spec = spec_from_file_location(f"plash_macros_{name}", path)
        if spec is None or spec.loader is None or not os.path.exists(path):
            raise at.error(f"there is no module {name}: {path} is not there")
        taken()
        try:
            spec.loader.exec_module(module_from_spec(spec))
        except Exception as error:
            raise at.error(
                f"cannot import {name}: {type(error).__name__}: {error}"
            ) from error
        recipe.macros.update(taken())


@defined(
    "reset-imports",
    "",
    "forget macros that were imported or defined",
    "--reset-imports",
    group=_MORE,
    most=0,
)
def reset_imports(recipe: Recipe, _called: Macro) -> None:
    """Forget the macros that are not in the table."""
    recipe.macros = dict(MACROS)
