"""`plash ./file ARGS` and plash-exec: a file of macros, built and run."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import command
from plashui.image.config_of import nearest_config
from plashui.recipes.macros.compile import of_file
from plashui.recipes.macros.config import variables_let_through
from plashui.store.oci_nodes import notes_of_chain
from plashui.verbs.building import Wanted, built, exported
from plashui.verbs.current_store import store

if TYPE_CHECKING:
    from typing import Any


def run(words: list[str]) -> int:
    """Build the file, and become its entry point with the arguments."""
    file, *arguments = words
    place = store()
    image = built(of_file(file).plan(), Wanted(), place)
    chain = notes_of_chain(place, image)
    config = nearest_config(notes for _node, notes in chain).get("config")
    config = config if isinstance(config, dict) else {}
    words = _entry_point(config, arguments)
    if not words:
        raise PlashError(
            f"{file} has no entry point, which would be run",
            "Add --entrypoint PROGRAM, or --entrypoint-script with its lines",
        )
    through = {name: os.environ[name] for name in _through(config)}
    own = [one.partition("=") for one in _texts(config.get("Env"))]
    exported({**{name: value for name, _equals, value in own}, **through})
    command.become(["run", "--", str(image), *words])


def _entry_point(config: dict[str, Any], arguments: list[str]) -> list[str]:
    """Return what is run: the entry point with the arguments, or with Cmd."""
    entry = _texts(config.get("Entrypoint"))
    return [*entry, *arguments] if arguments else [*entry, *_texts(config.get("Cmd"))]


def _through(config: dict[str, Any]) -> list[str]:
    return variables_let_through(config, os.environ)


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str)]
