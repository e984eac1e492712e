"""Builds of macros from the app: what one would do, and the job that does it.

In the form of a build, a command that begins with a dash is macros on the image, such
as `--apt git`. Those that begin with an image themselves are built on that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.ui.model.forms import Look, Looked, Values, new_name, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from plashui.recipes.look import SeenStage
    from plashui.recipes.plan import Plan
    from plashui.store.store import Store
    from plashui.ui.model.jobs import Outcome, Work

_SHOWN: Final = 70
"""Characters of a step that are shown."""
_MOST: Final = 6
"""Steps of which the form says whether they are in the cache; the details say all."""
_NOT_LOOKED_AT: Final = ("import", "eval-github", "from-github")
"""Macros that would do something before anybody has said so."""


def is_recipe(line: str) -> bool:
    """Return whether a command line is macros."""
    return line.lstrip().startswith("-")


def plan_of(image: int, line: str, *, looks: bool = False) -> Plan:
    """Return the plan of macros on an image; PlashError for wrong ones.

    If it only `looks`, no macro runs programs or asks other machines.
    """
    import os

    from plashui.recipes.macros.compile import Recipe, from_words
    from plashui.recipes.plan import At, FromImage

    recipe = Recipe(os.getcwd(), _no_input)  # noqa: PTH109 - macros take strings
    for name in _NOT_LOOKED_AT if looks else ():
        del recipe.macros[name]
    recipe.eval(from_words(words_of(line, "the macros")))
    if not recipe.has_base():
        recipe.begin(FromImage(str(image)), At())
    return recipe.plan()


def check_recipe(image: int, line: str) -> None:
    """Raise PlashError for macros that are wrong, as far as can be told without them.

    Those that do something at once are only done when the image is built.
    """
    words = words_of(line, "the macros")
    if not any(word.lstrip("-") in _NOT_LOOKED_AT for word in words):
        plan_of(image, line, looks=True)


def _no_input() -> str:
    raise PlashError("there is no standard input in the app", "Put it into a file")


def look_at(store: Store, image: int, line: str) -> Look | None:
    """Return how to find out which steps are in the cache; None for a command."""
    if not is_recipe(line):
        return None
    return Look(line, lambda _cancel: _looked(store, image, line), "all steps")


def _looked(store: Store, image: int, line: str) -> Iterator[Looked]:
    from plashui.recipes.look import look

    lines = list(_lines(look(store, plan_of(image, line, looks=True))))
    more = len(lines) - _MOST
    shown = lines[:_MOST] + ([f"and {more} more"] if more > 0 else [])
    details = tuple(lines) if more > 0 else ()
    yield Looked(tuple(shown or ["nothing to do"]), {}, details)


def _lines(stages: tuple[SeenStage, ...]) -> Iterator[str]:
    for stage in stages:
        if len(stages) > 1:
            yield f"{stage.stage.name or 'the image'}:"
        for seen in stage.steps:
            what = seen.step.shown
            what = what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…"
            state = f"image {seen.image}" if seen.image else f"to do: {seen.why}"
            yield f"{what} · {state}"


def building(store: Store, image: int, values: Values) -> Work:
    """Return the work of a job that builds the macros."""
    from plashui.ui.model.sources import made

    name, line = new_name(values), values["command"]

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.recipes.build import build

        count = 0

        def numbered(progress: Progress) -> None:
            """Report a line; each step has counted its own."""
            nonlocal count
            if progress.unit == "lines":
                count += 1
                progress = progress._replace(done=count)
            report(progress)

        name.check(store)
        image_made = build(
            store,
            plan_of(image, line),
            say=lambda line: numbered(Progress(line, 0, None, "lines")),
            report=numbered,
            cancel=cancel,
        )
        name.give(store, image_made)
        return made(image_made, name)

    return work
