"""Making a plan of macros."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from plashui.base.light import TYPE_CHECKING

# Each puts its macros in the table.
from plashui.recipes.macros import basic, config, froms, more_words, packages
from plashui.recipes.macros.recipe import Recipe
from plashui.recipes.macros.table import MACROS
from plashui.recipes.words import Macro, from_words

if TYPE_CHECKING:
    from typing import Final

__all__ = ["MACROS", "MODULES", "Recipe", "from_words", "of_file", "of_words"]

MODULES: Final = (basic, config, froms, more_words, packages)


def of_words(
    words: Sequence[str],
    directory: str | None = None,
    stdin: Callable[[], bytes] | None = None,
) -> Recipe:
    """Return the recipe that words of a command line are, in a directory."""
    recipe = Recipe(directory or os.getcwd(), stdin or sys.stdin.buffer.read)
    recipe.eval(from_words(words))
    return recipe


def of_file(path: str) -> Recipe:
    """Return the recipe that is in a file."""
    recipe = Recipe(os.getcwd(), sys.stdin.buffer.read, path)
    recipe.do(Macro("eval-file", (path,)))
    return recipe
