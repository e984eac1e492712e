"""The table of macros: what each takes, does and means."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.macros.recipe import Recipe
    from plashui.recipes.words import Macro

    Meaning = Callable[[Recipe, Macro], None]
    Script = Callable[..., str | None]


class Entry(NamedTuple):
    """A macro: what it means for a recipe, and its help.

    `group` is a heading of `help-macros`; `usage` are its arguments; `least` and
    `most` are how many it takes, None for any number.
    """

    meaning: Meaning
    group: str
    usage: str
    does: str
    example: str
    least: int = 0
    most: int | None = None


MACROS: Final[dict[str, Entry]] = {}
"""The macros by name, without those that a recipe defines."""

ALIASES: Final[dict[str, str]] = {
    "f": "from",
    "x": "run",
    "l": "layer",
    "I": "eval-file",
    "include": "eval-file",
    "watch": "hash-path",
    "bust-cache": "invalidate-layer",
}
"""Short and former names."""


def meant(name: str, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for a name that is nearly a known one, else ""."""
    import difflib  # only for one who has mistyped

    close = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f" (did you mean '{close[0]}'?)" if close else ""


def defined(
    name: str,
    usage: str,
    does: str,
    example: str,
    *,
    group: str,
    least: int = 0,
    most: int | None = None,
) -> Callable[[Meaning], Meaning]:
    """Put a macro in the table."""

    def take(meaning: Meaning) -> Meaning:
        MACROS[name] = Entry(meaning, group, usage, does, example, least, most)
        return meaning

    return take


_OWN: Final[list[tuple[str, Entry]]] = []
"""What modules have defined since `taken` was called."""


def macro(function: Script) -> Script:
    """Make a macro of a function that returns lines of script: see macros."""
    name = function.__name__.strip("_").replace("_", "-")

    def meaning(recipe: Recipe, called: Macro) -> None:
        text = function(*called.args)
        if text is not None and not isinstance(text, str):
            raise called.at.error(
                f"the macro {name!r} returned {type(text).__name__}, not text"
            )
        if text:
            recipe.script([(text, called.at)], called)

    does = (function.__doc__ or "").strip().partition("\n")[0]
    _OWN.append((name, Entry(meaning, "of modules", "...", does, f"--{name}")))
    return function


def taken() -> dict[str, Entry]:
    """Return the macros that a module has just defined."""
    found = dict(_OWN)
    _OWN.clear()
    return found
