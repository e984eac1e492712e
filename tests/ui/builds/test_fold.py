"""The steps of a build in the tree, on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.store.store import Store
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
def built(tmp_path: Path) -> Store:
    """A store with two builds on one image."""
    return stores.make(tmp_path / "home/.plashdata", stores.BUILT, CREATED)


async def test_a_build_unfolds_and_folds_by_the_keys_of_a_branch(built: Store) -> None:
    async with opened(built, (80, 24)) as (app, pilot):
        table = table_of(app)
        await pilot.press("j")
        assert table.image == 4
        await matches_golden(pilot, "folded-80x24")
        await pilot.press("l")
        assert [row.id for row in table.rows] == [1, 2, 3, 4, 5, 7]
        assert table.image == 4, "the cursor stays where it was"
        await matches_golden(pilot, "unfolded-80x24")
        await pilot.press("k", "h")
        assert [row.id for row in table.rows] == [1, 4, 5, 7]
        assert table.image == 4
        await pilot.press("h")
        assert [row.id for row in table.rows] == [1, 4, 7], "closed, with the shell"
        await pilot.press("l", "l", "l")
        assert table.image == 5, "open, unfold, go in"
        await pilot.press("minus")
        assert [row.id for row in table.rows] == [1]
        await pilot.press("asterisk")
        assert len(table.rows) == 7


async def test_a_folded_build_is_removed_whole_and_comes_back(built: Store) -> None:
    async with opened(built, (120, 32)) as (app, pilot):
        await pilot.press("j", "j", "j", "space")
        assert view_of(app).marked == [7]
        await shows(pilot, "1 marked · 72 MB")
        assert "plash rm --trash 6" in view_of(app).host.entry("remove").line(
            view_of(app).now()
        )
        await pilot.press("d")
        await shows(pilot, "Removes 2 images")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images")
        assert set(built.read().images) == {1, 2, 3, 4, 5}
        await pilot.press("u")
        await until(pilot, lambda: table_of(app).rows.place(7) is not None)
        assert table_of(app).rows.place(6) is None


async def test_an_unfolded_step_is_acted_on_alone(built: Store) -> None:
    async with opened(built, (120, 32)) as (app, pilot):
        await pilot.press("j", "j", "j", "l", "space")
        assert view_of(app).tops == [7]
        assert view_of(app).host.entry("remove").line(view_of(app).now()).endswith("7")


async def test_the_details_of_a_build_say_what_its_row_says(built: Store) -> None:
    async with opened(built, (120, 32)) as (app, pilot):
        await pilot.press("j", "j", "j")
        await shows(pilot, "own          72 MB", "2 steps", "on 1 debian")
        assert "subtree      72 MB" in text_of(app)
        await pilot.press("l")
        await shows(pilot, "own          12 MB", "3 files", "on 6 RUN")


async def test_a_filter_and_the_list_find_single_steps(built: Store) -> None:
    async with opened(built, (60, 17)) as (app, pilot):
        table = table_of(app)
        await matches_golden(pilot, "folded-60x17")
        await pilot.press("slash", *"nginx", "enter")
        await until(pilot, lambda: [r.id for r in table.rows] == [1, 2, 4])
        await pilot.press("escape", "t")
        await until(pilot, lambda: len(table.rows) == 7)
        assert not any(row.steps for row in table.rows)
