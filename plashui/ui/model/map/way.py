"""The way through the map: what was zoomed into, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from plashui.base.units import thousands
from plashui.model.forest import Forest
from plashui.ui.model.images.row_cells import shown_label
from plashui.ui.model.text.lines import cut

if TYPE_CHECKING:
    from plashui.ui.model.map.treemap import Place

BETWEEN: Final = " › "

LONGEST: Final = 24
"""Most cells of the name of one place."""


def way(forest: Forest, places: Sequence[Place], room: int) -> str:
    """Return places in words, `all › debian › dev`; if too long, the last of them."""
    words = [_word(forest, place) for place in places]
    line = BETWEEN.join(["all", *words])
    while len(words) > 1 and cell_len(line) > room:
        words = words[1:]
        line = BETWEEN.join(["all", "…", *words])
    return cut(line, max(8, room))


def _word(forest: Forest, place: Place) -> str:
    if place.rest:
        return f"{thousands(len(place.rest))} more"
    if place.image is None or place.image not in forest:
        return "…"
    return cut(shown_label(forest, place.image) or str(place.image), LONGEST)
