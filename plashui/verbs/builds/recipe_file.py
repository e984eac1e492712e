"""`plash ./file ARGS` and plash-exec: a file of macros, built and run."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.helper.program import become
from plashui.image.config_of import nearest_config
from plashui.recipes import stamp
from plashui.recipes.macros.compile import of_file
from plashui.recipes.macros.config import let_through
from plashui.store.oci.oci_nodes import notes_of_chain
from plashui.verbs.builds.building import Wanted, built, exported
from plashui.verbs.shared.current_store import store


def run(words: list[str]) -> int:
    """Build the file, and become its entry point with the arguments."""
    file, *arguments = words
    place = store()
    recipe = of_file(file)
    plan = recipe.plan()
    image = built(plan, Wanted(), place)
    chain = notes_of_chain(place, image)
    config = nearest_config(notes for _node, notes in chain).get("config")
    config = config if isinstance(config, dict) else {}
    entry, cmd = _texts(config.get("Entrypoint")), _texts(config.get("Cmd"))
    if not entry and not cmd:
        raise PlashError(
            f"{file} has no entry point, which would be run",
            "Add --entrypoint PROGRAM, or --entrypoint-script with its lines",
        )
    names, prefixes = let_through(config)
    own = [one for one in _texts(config.get("Env")) if one.split("=")[0] not in names]
    entries = [f"word {word}" for word in entry] + [f"cmd {word}" for word in cmd]
    entries += [f"let {name}" for name in names]
    entries += [f"prefix {prefix}" for prefix in prefixes]
    entries += [f"set {assignment}" for assignment in own]
    stamp.of_file(place, file, plan, recipe.inputs, image, entries)
    exported(_variables(names, prefixes, own))
    become(["run", "--", str(image), *entry, *(arguments or cmd)])


def _variables(names: list[str], prefixes: list[str], own: list[str]) -> dict[str, str]:
    """Return what the run shall see: of the caller, and of the image's config."""
    found = {
        name: value
        for name, value in os.environ.items()
        if name in names
        or (name.startswith(tuple(prefixes)) and not name.startswith("PLASH_"))
    }
    pairs = [one.partition("=") for one in own]
    return found | {name: value for name, _equals, value in pairs}


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str)]
