"""Why a step has to be done again: what differs from one that has been done before.

Of the parts that differ from another step on the same image, the first one is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE
from plashui.recipes.cache import kept, note_of
from plashui.recipes.plan import Part
from plashui.store.ids import image_ids
from plashui.store.metadata import META, RECIPE, read_json

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

_SHOWN: Final = 60
_MOST_LOOKED_AT: Final = 100
"""The images on the same parent, the newest first, that are compared with a step."""


def why_missed(store: Store, parent: int, key: str, parts: Sequence[Part]) -> str:
    """Say why a step on an image has to be done: what differs from the nearest one."""
    gone = note_of(store, key).get("image")
    if gone is not None:
        return f"image {gone} was removed"
    ours = kept(parts)
    done = _done_on(store, parent)
    nearest = max(done, key=lambda one: _in_common(one.parts, ours), default=None)
    if nearest is None:
        return f"not done on image {parent} before"
    return f"unlike image {nearest.image}: {_difference(nearest.parts, ours, parts)}"


class _Done(NamedTuple):
    """A step done before: its image and its parts, as `kept` has them."""

    image: int
    parts: list[tuple[str, str]]


def _done_on(store: Store, parent: int) -> list[_Done]:
    place = "layer/0" if parent == EMPTY_IMAGE else store.place(parent)
    images = sorted(image_ids(store.entries(place)), reverse=True)[:_MOST_LOOKED_AT]
    found = []
    for image in images:
        notes = read_json(f"{store.root}/{place}/{image}/{META}/image.json")
        recipe = notes.get(RECIPE)
        parts = recipe.get("parts") if isinstance(recipe, dict) else None
        if isinstance(parts, list):
            pairs = [part for part in parts if isinstance(part, list)]
            texts = [(str(one[0]), str(one[1])) for one in pairs if len(one) == 2]
            found.append(_Done(image, texts))
    return found


def _in_common(theirs: list[tuple[str, str]], ours: list[tuple[str, str]]) -> int:
    return _same(theirs, ours) + len({*theirs} & {*ours})


def _same(theirs: list[tuple[str, str]], ours: list[tuple[str, str]]) -> int:
    """Return how many parts are the same before the first that differs."""
    pairs = zip(theirs, ours, strict=False)
    least = min(len(theirs), len(ours))
    return next((at for at, (a, b) in enumerate(pairs) if a != b), least)


def _difference(
    theirs: list[tuple[str, str]], ours: list[tuple[str, str]], parts: Sequence[Part]
) -> str:
    """Say in which part a step first differs from another one."""
    at = _same(theirs, ours)
    if at == len(ours) and at == len(theirs):
        return "it was done with other files"
    if at == len(ours):
        return f"without {_said(*theirs[at])}"
    part, clear = ours[at], parts[at].clear
    if at == len(theirs):
        return f"with {_said(*part)}"
    if part[0] == theirs[at][0]:
        if clear:
            ours_said, theirs_said = _apart(part[1], theirs[at][1])
            return f"{part[0]} {ours_said!r}, not {theirs_said!r}"
        return f"{part[0]} has changed"
    before = dict(theirs)
    if part[0] not in before:
        return f"with {_said(*part)}" if clear else f"with {part[0]}"
    return f"without {_said(*theirs[at])}"


def _apart(one: str, other: str) -> tuple[str, str]:
    """Shorten two texts to where they differ."""
    pairs = zip(one, other, strict=False)
    at = next((at for at, (a, b) in enumerate(pairs) if a != b), 0)
    start = max(0, one.rfind(" ", 0, max(0, at - _SHOWN // 2)))
    return _shortened(one, start), _shortened(other, start)


def _shortened(text: str, start: int) -> str:
    before = "…" if start and len(text) > _SHOWN else ""
    text = text[start:] if before else text
    return before + (text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _said(what: str, value: str) -> str:
    digest = len(value) == 16 and not value.strip("0123456789abcdef")
    return what if digest else f"{what} {value!r}"
