"""Macros that change how the image is run: its config, and what a run lets through."""

from __future__ import annotations

import os
from collections.abc import Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.base.shell_words import quote
from plashui.recipes.macros.basic import written
from plashui.recipes.macros.table import defined
from plashui.recipes.words import Macro

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.recipes.macros.recipe import Recipe

_CONFIG: Final = "how it is run"
_OF_THE_HOST: Final = tuple(
    f"/{name}/" for name in ("home", "root", "tmp", "sys", "dev", "proc", "mnt")
)
"""The directories that are this machine's own in a run."""
ENTRYPOINT: Final = "/entrypoint"
USE_ENV: Final = "plash.use-env"
"""The label with the names of variables that a run lets through."""
ENV_PREFIX: Final = "plash.env-prefix"
"""The label with the beginnings of such names."""


def _change(recipe: Recipe, called: Macro, **changes: str | tuple[str, ...]) -> None:
    """Make changes of the config, by the names that they have in `Changes`."""
    recipe.configure(called, lambda config: _new(config, changes))


def _new(config: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a config that changes make another value of."""
    from plashui.model.config_changes import Changes, changed  # loads json and re

    before = dict(config)
    after = changed(before, Changes(**changes))
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: after.get(key) for key in keys}


def _words(words: tuple[str, ...]) -> str:
    import json

    return json.dumps(list(words))


@defined(
    "env",
    "NAME=VALUE...",
    "set variables, for what follows and for an isolated run",
    "--env LANG=C.UTF-8",
    group=_CONFIG,
    least=1,
)
def env(recipe: Recipe, called: Macro) -> None:
    """Set variables."""
    _change(recipe, called, env=called.args)


@defined(
    "label",
    "NAME=VALUE...",
    "set labels",
    "--label version=2",
    group=_CONFIG,
    least=1,
)
def label(recipe: Recipe, called: Macro) -> None:
    """Set labels."""
    _change(recipe, called, label=called.args)


def _single(name: str, usage: str, does: str, example: str, field: str) -> None:
    @defined(name, usage, does, example, group=_CONFIG, least=1, most=1)
    def meaning(recipe: Recipe, called: Macro) -> None:
        _change(recipe, called, **{field: called.args[0]})


_single("workdir", "DIR", "the directory it starts in", "--workdir /srv", "workdir")
_single("user", "USER[:GROUP]", "who runs it", "--user www-data", "user")


def _command(name: str, does: str, example: str) -> None:
    @defined(name, "WORD...", does, example, group=_CONFIG, least=1)
    def meaning(recipe: Recipe, called: Macro) -> None:
        _change(recipe, called, **{name: _words(called.args)})


_command("cmd", "what `run --isolate` runs, or its arguments", "--cmd python3 /app.py")
_command("entrypoint", "what `plash ./file` runs", "--entrypoint /usr/bin/git")


@defined(
    "entrypoint-script",
    "LINE...",
    f"write a script to {ENTRYPOINT} that `plash ./file` runs",
    "--entrypoint-script 'echo hello \"$@\"'",
    group=_CONFIG,
    least=1,
)
def entrypoint_script(recipe: Recipe, called: Macro) -> None:
    """Write a script, and make it the entry point."""
    lines = called.lines
    if not called.args[0].startswith("#!"):
        lines = [("#!/bin/sh", called.at), *lines]
    script = [
        (f"rm -f {ENTRYPOINT}", called.at),
        *written([(ENTRYPOINT, called.at), *lines]),
        (f"chmod 755 {ENTRYPOINT}", called.at),
    ]
    recipe.script(script, called)
    _change(
        recipe,
        Macro("entrypoint", (ENTRYPOINT,), called.at),
        entrypoint=_words((ENTRYPOINT,)),
    )


def _listed(recipe: Recipe, called: Macro, name: str, words: tuple[str, ...]) -> None:
    """Add words to a label that is a list of words."""

    def change(config: Mapping[str, Any]) -> dict[str, Any]:
        before = config.get("Labels")
        labels = dict(before) if isinstance(before, dict) else {}
        already = str(labels.get(name, "")).split()
        labels[name] = " ".join(dict.fromkeys([*already, *words]))
        return {"Labels": labels}

    recipe.configure(called, change)


@defined(
    "hint",
    "use-env NAME",
    "let a variable of the caller through when `plash ./file` runs",
    "--hint use-env DISPLAY",
    group=_CONFIG,
    least=2,
    most=2,
)
def hint(recipe: Recipe, called: Macro) -> None:
    """Note what a run lets through."""
    what, name = called.args
    if what != "use-env" or not name.isidentifier():
        raise called.at.error(
            f"no hint {what!r} {name!r}", "usage: --hint use-env NAME"
        )
    _listed(recipe, called, USE_ENV, (name,))


@defined(
    "env-prefix",
    "PREFIX...",
    "let all variables through whose names begin so",
    "--env-prefix MYAPP_",
    group=_CONFIG,
    least=1,
)
def env_prefix(recipe: Recipe, called: Macro) -> None:
    """Note which variables a run lets through."""
    _listed(recipe, called, ENV_PREFIX, called.args)


@defined(
    "mount",
    "SRC[:DST]...",
    "show a file or directory of this machine at DST, in runs that are not isolated",
    "--mount /srv/data:/data",
    group=_CONFIG,
    least=1,
)
def mount(recipe: Recipe, called: Macro) -> None:
    """Make links to /mnt, where a run has the root directory of this machine."""
    lines = []
    for word, at in called.lines:
        source, _colon, place = word.partition(":")
        source = recipe.path(source)
        place = os.path.normpath(place or source)
        if not place.startswith("/") or f"{place}/".startswith(_OF_THE_HOST):
            raise at.error(
                f"cannot mount {source} at {place}",
                "DST begins with a / and is not below /home, /root, /tmp and the like,"
                " which are this machine's own in a run",
            )
        link, parent = quote(place), quote(os.path.dirname(place))
        lines += [
            (f"mkdir -p {parent}", at),
            (f"[ -L {link} ] || [ ! -d {link} ] || rmdir {link}", at),
            (f"ln -sfn {quote(f'/mnt{source}')} {link}", at),
        ]
    recipe.script(lines, called)


def let_through(config: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the names of variables that a run lets through, and their prefixes."""
    labels = config.get("Labels")
    labels = labels if isinstance(labels, dict) else {}
    return str(labels.get(USE_ENV, "")).split(), str(labels.get(ENV_PREFIX, "")).split()
