"""Macros of scripts and layers: run, layer, write-file and others."""

from __future__ import annotations

import os

from plashui.base.light import TYPE_CHECKING
from plashui.base.shell_words import quote
from plashui.recipes.macros.table import defined
from plashui.recipes.plan import Part
from plashui.recipes.words import Macro

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.macros.recipe import Recipe
    from plashui.recipes.plan import At

_SCRIPTS: Final = "scripts and layers"
_FILES: Final = "files"


@defined(
    "run",
    "LINE...",
    "run lines of shell script (-x)",
    "--run 'make install'",
    group=_SCRIPTS,
)
def run(recipe: Recipe, called: Macro) -> None:
    """Add the arguments as lines of script."""
    recipe.script(called.lines, called)


@defined(
    "run-stdin",
    "",
    "run a script that is standard input",
    "--run-stdin < script",
    group=_SCRIPTS,
    most=0,
)
def run_stdin(recipe: Recipe, called: Macro) -> None:
    """Add the standard input as script."""
    text = recipe.read_input().rstrip("\n")
    recipe.script([(text, called.at)] if text else [], called)


@defined(
    "inline",
    "WORD...",
    "run all arguments as one line",
    "--inline make install",
    group=_SCRIPTS,
)
def inline(recipe: Recipe, called: Macro) -> None:
    """Add the arguments as one line of script."""
    line = " ".join(called.args)
    recipe.script([(line, called.at)] if line else [], called)


@defined(
    "layer",
    "[MACRO ARG...]",
    "end the layer (-l); or do MACRO for each ARG in a layer of its own",
    "--layer apt git vim",
    group=_SCRIPTS,
)
def layer(recipe: Recipe, called: Macro) -> None:
    """End the layer, or make one for each argument."""
    recipe.border()
    if not called.args:
        return
    (name, at), *arguments = called.lines
    for argument, place in arguments:
        recipe.do(Macro(name.lstrip("-"), (argument,), at, (place,)))
        recipe.border()


@defined(
    "invalidate-layer",
    "",
    "never take this layer from the cache",
    "--invalidate-layer --run 'git pull'",
    group=_SCRIPTS,
    most=0,
)
def invalidate_layer(recipe: Recipe, _called: Macro) -> None:
    """Take the layer never from the cache."""
    recipe.never_cached()


@defined(
    "import-env",
    "NAME[:AS]...",
    "set a variable of the script to that of this machine, if it is set",
    "--import-env HTTP_PROXY:PROXY",
    group=_SCRIPTS,
    least=1,
)
def import_env(recipe: Recipe, called: Macro) -> None:
    """Assign variables in the script."""
    lines = []
    for word, at in called.lines:
        name, _colon, other = word.partition(":")
        value = os.environ.get(name)
        recipe.inputs.variable(name)
        if not (other or name).isidentifier():
            raise at.error(f"{word!r} is not the name of a variable")
        if value is not None:
            lines.append((f"{other or name}={quote(value)}", at))
    recipe.script(lines, called)


@defined(
    "hash-path",
    "PATH...",
    "do the layer anew when content, names or modes of PATH change (watch)",
    "--hash-path requirements.txt",
    group=_SCRIPTS,
    least=1,
)
def hash_path(recipe: Recipe, called: Macro) -> None:
    """Make files part of the key of the layer."""
    from plashui.base.errors import PlashError
    from plashui.recipes.fingerprint import fingerprint

    for word, at in called.lines:
        path = recipe.path(word)
        recipe.inputs.file(path)
        try:
            digest = fingerprint(path)
        except PlashError as error:
            raise at.error(str(error.args[0])) from None
        recipe.depend(Part(f"the content of {word}", digest))


@defined(
    "write-file",
    "FILE LINE...",
    "add lines to a file",
    "--write-file /etc/motd hello",
    group=_FILES,
    least=1,
)
def write_file(recipe: Recipe, called: Macro) -> None:
    """Append the lines to a file."""
    recipe.script(written(called.lines), called)


def written(lines: list[tuple[str, At]]) -> list[tuple[str, At]]:
    """Return the script that appends lines to a file, which is the first of them."""
    (file, at), *rest = lines
    name = quote(file)
    return [
        (f"touch {name}", at),
        *((f"printf '%s\\n' {quote(line)} >> {name}", place) for line, place in rest),
    ]


@defined(
    "write-script",
    "FILE LINE...",
    "the same; the file is executable",
    "--write-script /bin/hi '#!/bin/sh' 'echo hi'",
    group=_FILES,
    least=1,
)
def write_script(recipe: Recipe, called: Macro) -> None:
    """Append the lines to a file, which becomes executable."""
    name = quote(called.args[0])
    lines = [*written(called.lines), (f"chmod 755 {name}", called.at)]
    recipe.script(lines, called)


@defined(
    "copy",
    "SRC... DST",
    "copy files or the content of directories of this machine to DST",
    "--copy app.py /srv/",
    group=_FILES,
    least=2,
)
def copy(recipe: Recipe, called: Macro) -> None:
    """Copy files of this machine into the image."""
    from plashui.recipes.macros.recipe import shown
    from plashui.recipes.plan import Context, Copy

    *sources, target = called.args
    found = []
    for word, at in called.lines[:-1]:
        path = recipe.path(word)
        recipe.inputs.file(path)
        directory, name = os.path.split(path)
        if not os.path.lexists(f"{directory}/{name}"):
            raise at.error(f"cannot copy {word}: there is no such file")
        found.append((Context(directory), name))
    if len(sources) > 1 and not target.endswith("/"):
        target += "/"
    recipe.step(Copy(called.at, shown(called), tuple(found), target))
