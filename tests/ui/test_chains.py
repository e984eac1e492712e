"""The middle of a long chain as one row, on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.store.store import Store
from plashui.ui.application import PlashuiApp
from plashui.ui.dialogs.removals.removal import RemovalScreen
from plashui.ui.screens.main import MainScreen
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    matches_golden,
    opened,
    shows,
    table_of,
    text_of,
    told,
    until,
    view_of,
)

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def chained(tmp_path: Path) -> Store:
    """A store with a chain of six images on debian, and a short one on alpine."""
    return stores.make(tmp_path / "home/.plashdata", stores.CHAINED, CREATED)


def ids(app: PlashuiApp) -> list[int]:
    """The ids of the rows."""
    return [row.id for row in table_of(app).rows]


async def test_a_chain_unfolds_by_enter_right_and_click(chained: Store) -> None:
    folded, whole = [1, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    async with opened(chained, (80, 24)) as (app, pilot):
        table = table_of(app)
        await pilot.press("j")
        await shows(pilot, "▸ 5 more", "2 … 6")
        assert ids(app) == folded
        await matches_golden(pilot, "chain-80x24")
        await pilot.press("enter")
        assert ids(app) == whole
        assert table.image == 2, "the first of them"
        await matches_golden(pilot, "chain-open-80x24")
        await pilot.press("j", "h")
        assert ids(app) == folded
        assert table.image == 6
        await pilot.press("right")
        assert (ids(app), table.image) == (whole, 2)
        await pilot.press("left")
        await pilot.click(table, offset=(12, 1))
        assert (ids(app), table.image) == (whole, 2)


async def test_a_jump_and_a_search_lead_into_a_chain(chained: Store) -> None:
    async with opened(chained, (60, 17)) as (app, pilot):
        table = table_of(app)
        await matches_golden(pilot, "chain-60x17")
        table.reveal(4)
        assert table.image == 4
        await pilot.press("minus", "asterisk", "minus", "l")
        await until(pilot, lambda: ids(app) == [1, 6, 8])
        await pilot.press("slash", *"three", "enter")
        await until(pilot, lambda: 4 in ids(app))
        assert table.image == 4
        await pilot.press("n", "escape")
        assert 4 not in ids(app)


async def test_what_runs_or_has_a_note_is_not_folded(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, _pilot):
        assert 4 not in ids(app)
        facts = table_of(app).facts
        table_of(app).tell(facts._replace(in_use=frozenset({5})))
        assert ids(app) == [1, 4, 5, 6, 7, 8, 9, 10]
        table_of(app).tell(facts._replace(notes={4: "keep"}))
        assert ids(app) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        table_of(app).tell(facts)
        assert ids(app) == [1, 6, 7, 8, 9, 10]


async def test_the_removal_of_a_chain_begins_with_its_first(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.press("j", "d")
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen))
        await shows(pilot, "plash rm --trash 2", "6 images")


async def test_the_footer_says_what_keys_do_at_a_chain(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.press("j")
        await shows(pilot, "enter Show", "d Remove from 2")
        assert "x Run" not in text_of(app)
        await pilot.press("j")
        await shows(pilot, "enter Shell", "d Remove ", "x Run")
        await pilot.press("k", "enter")
        await shows(pilot, "enter Shell")


@pytest.mark.parametrize("key", ["x", "X", "r", "c", "P", "N", "z", "b", "E", "m", "y"])
async def test_what_is_for_one_image_unfolds_a_chain(chained: Store, key: str) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.press("j", key)
        await told(pilot, "Choose one of these 5 images")
        assert (ids(app)[1:6], table_of(app).image) == ([2, 3, 4, 5, 6], 2)
        assert isinstance(app.screen, MainScreen)
        assert app.lines_run == []


async def test_a_mark_on_a_chain_is_on_each_of_its_images(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.press("j", "space")
        assert table_of(app).marks == {2, 3, 4, 5, 6}
        await pilot.press("d")
        await shows(pilot, "plash rm --trash 2 3 4 5 6", "6 images")
        await pilot.press("escape", "k", "space")
        assert table_of(app).marks == set()
        await pilot.press("g", "shift+down", "shift+down")
        assert table_of(app).marks == {1, 2, 3, 4, 5, 6, 7}


async def test_marks_inside_a_chain_are_for_these_images_alone(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.press("j", "enter", "j", "j", "j", "j", "space", "k", "h")
        assert (ids(app), table_of(app).marks) == ([1, 6, 7, 8, 9, 10], {6})
        await shows(pilot, "d Remove 110 MB")
        await pilot.press("d")
        await shows(pilot, "plash rm --trash 6", "2 images")


async def test_a_mark_on_the_map_is_on_one_image_of_a_chain(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.press("j", "M")
        await until(pilot, lambda: view_of(app).usage_map is not None)
        assert view_of(app).image == 6
        await pilot.press("space")
        assert table_of(app).marks == {6}


async def test_the_menu_of_a_chain_has_what_can_be_done_with_it(chained: Store) -> None:
    async with opened(chained, (120, 32)) as (app, pilot):
        await pilot.click(table_of(app), offset=(40, 1), button=3)
        await shows(pilot, "Images 2 to 6", "Show", "Remove", "Mark")
        assert "Rename" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: ids(app)[1:4] == [2, 3, 4])


async def test_what_was_unfolded_and_closed_is_so_the_next_time(chained: Store) -> None:
    async with opened(chained) as (app, pilot):
        await pilot.press("j", "l", "G", "k", "k", "h")
        assert ids(app) == [1, 2, 3, 4, 5, 6, 7, 8]
    async with opened(chained) as (app, pilot):
        assert ids(app) == [1, 2, 3, 4, 5, 6, 7, 8]
        await pilot.press("l")
        table_of(app).reveal(2)
        await pilot.press("h")
    async with opened(chained) as (app, pilot):
        assert ids(app) == [1, 6, 7, 8]


async def test_the_layers_of_a_chain_lie_beside_each_other_on_the_map(
    chained: Store,
) -> None:
    async with opened(chained, (60, 17)) as (_app, pilot):
        await pilot.press("M")
        await shows(pilot, "1 debian", "alpine")
        await matches_golden(pilot, "map-chain-60x17")
