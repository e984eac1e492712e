"""The way through the map in words."""

from __future__ import annotations

from rich.cells import cell_len

from plashui.model.forest import Image, build_forest
from plashui.ui.model.map.treemap import Place
from plashui.ui.model.map.way import way

FOREST = build_forest(
    [
        Image(1, 0, names=("debian",)),
        Image(2, 1, names=("dev",)),
        Image(3, 2, origin="x\x1b[31m" * 20),
        Image(4, 3),
    ]
)


def test_the_way_says_each_place() -> None:
    assert way(FOREST, [], 60) == "all"
    assert way(FOREST, [Place(1), Place(2)], 60) == "all › debian › dev"
    assert way(FOREST, [Place(1), Place(1, (2, 3))], 60) == "all › debian › 2 more"
    assert way(FOREST, [Place(4), Place(99)], 60) == "all › 4 › …"


def test_the_way_is_cut_at_its_beginning_and_never_too_long() -> None:
    places = [Place(1), Place(2), Place(3), Place(1), Place(2)]
    assert way(FOREST, places, 26) == "all › … › debian › dev"
    for room in range(8, 80):
        line = way(FOREST, places, room)
        assert cell_len(line) <= room
        assert "\x1b" not in line
