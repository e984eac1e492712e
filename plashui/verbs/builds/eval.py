"""eval: the scripts that macros stand for."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.macros.compile import of_file, of_words
from plashui.recipes.plan import Run
from plashui.verbs.builds.building import refuse_empty
from plashui.verbs.shared.output import out
from plashui.verbs.shared.synopsis import tell_usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plashui.recipes.plan import Step


def run(words: list[str]) -> int:
    """Print the script of each layer, and what other steps there are as comments."""
    if not words or words[0] in ("--help", "-h"):
        return tell_usage("eval", words)
    refuse_empty(words)
    recipes = [of_words(words)] if words[0].startswith("-") else map(of_file, words)
    steps = [step for recipe in recipes for step in recipe.scripts()]
    for number, step in enumerate(steps):
        if number:
            out("")
        for line in _lines(step):
            out(line)
    return 0


def _lines(step: Step) -> Iterator[str]:
    if not isinstance(step, Run):
        yield f"# {step.shown}"
        return
    for part in step.depends:
        yield f"# {part.what}: {part.value}"
    _trace, _newline, script = step.script.partition("\n")
    yield script.rstrip("\n")
