"""The name of a new image in a form, and what a job says that made the image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from plashui.base.terminal_text import clean
from plashui.store.new_name import NewName
from plashui.store.run_spec import command_line
from plashui.ui.model.forms.form import Field, Values
from plashui.ui.model.jobs.job import Outcome

if TYPE_CHECKING:
    from plashui.model.forest import Forest

NAME: Final = Field("name", "Name", hint="optional", remembered=False)

TAKE: Final = "take"
"""Extra value of an answered form: "yes" if its name may be taken from an image."""


def new_name(values: Values) -> NewName:
    """Return the name of the new image, and whether it may be taken from another."""
    return NewName(values.get("name", ""), force=bool(values.get(TAKE)))


def taken_hint(taken: Mapping[str, int], typed: str, image: int | None = None) -> str:
    """Return the hint that another image has the typed name, else ''."""
    holder = taken.get(typed)
    if holder in (None, image):
        return ""
    return (
        f"Image {holder} is called {clean(typed)}: you are asked before the name moves"
    )


def taken_names(forest: Forest) -> dict[str, int]:
    """Map each name of the forest to its image."""
    return {name: node.id for node in forest.images.values() for name in node.names}


def line_with_name(words: list[str], values: Values, root: str) -> str:
    """Return the command line that makes an image and gives it the form's name."""
    line = command_line(words, root)
    name = values.get("name")
    return f"{command_line(['map', name], root)} $({line})" if name else line


def made(image: int, name: NewName, said: tuple[str, ...] = ()) -> Outcome:
    """Return the outcome of a job that made an image."""
    called = f" ({name.name})" if name.name else ""
    return Outcome("; ".join([f"image {image}{called}", *said]), image)
