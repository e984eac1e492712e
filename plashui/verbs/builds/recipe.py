"""`plash --from … [-- CMD]`: macros as the command line; what they make is run."""

from __future__ import annotations

from collections.abc import Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper.program import become
from plashui.recipes import stamp
from plashui.recipes.look import Options
from plashui.recipes.macros.compile import of_words
from plashui.recipes.macros.table import ALIASES, MACROS, meant
from plashui.recipes.words import from_words
from plashui.verbs.builds.building import (
    Wanted,
    built,
    command_line_of,
    is_option,
    options_of,
)
from plashui.verbs.shared.current_store import store

if TYPE_CHECKING:
    from typing import NoReturn


def is_recipe(word: str) -> bool:
    """Return whether a first word is a macro, or an option before one."""
    if is_option(word):
        return True
    named = from_words([word])
    known = MACROS.keys() | ALIASES.keys()
    return bool(named) and all(macro.name in known for macro in named)


def unknown(word: str, options: Sequence[str]) -> PlashError:
    """Return the error for a first word that is no macro, nor one of these options."""
    macros = [f"--{name}" for name in (*MACROS, *ALIASES) if len(name) > 1]
    hint = meant(word, [*options, *macros])
    return PlashError(
        f"no option {word!r}{hint}",
        f"There are {', '.join(options)}; `plash help` lists verbs,"
        " `plash help-macros` macros",
    )


def run(words: list[str]) -> int:
    """Build what macros say; run a command in it, or print its id."""
    macros, then = command_line_of(words)
    image = build_words(macros)
    if then is None:
        from plashui.verbs.shared.new_image import print_made  # not for what is run

        print_made(image)
        return 0
    become_run(image, then)


def build_words(words: list[str]) -> int:
    """Build what options and macros say; return the image."""
    wanted, macros = options_of(words)
    if not macros:
        raise PlashError("no macros: begin with --from", "See `plash help-macros`")
    recipe, place = of_words(macros), store()
    plan = recipe.plan()
    image = built(plan, wanted, place)
    if wanted == Wanted(Options(network=wanted.options.network)):
        stamp.of_words(place, words, plan, recipe.inputs, image)
    return image


def become_run(image: int, words: list[str]) -> NoReturn:
    """Become a run of a command, or a shell, in an image."""
    become(["run", "--", str(image), *words])
