"""Files and changes are searched in place: paths, and what is in the files."""

from __future__ import annotations

import pytest

from plashui.store.names import set_name
from plashui.store.store import Store
from plashui.ui.widgets.path_tree import PathTree
from tests.ui.driving import main_of, opened, shows, text_of, until
from tests.ui.test_looking_inside import at, real  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("still", "named")


@pytest.fixture
def named(real: Store) -> None:  # noqa: F811
    """The images have names."""
    for image, name in ((1, "below"), (2, "above")):
        set_name(real, name, image)


def shown(app) -> list[str]:  # type: ignore[no-untyped-def]
    """The names in the tree of the tab on top."""
    tree = main_of(app).parts.view.details.query(PathTree).last()
    assert isinstance(tree, PathTree)
    return [row.node.name for row in tree.rows]


async def test_paths_are_searched_in_files_and_nothing_is_forgotten(
    real: Store,  # noqa: F811
) -> None:
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("G", "4", "o", "o")
        await at(pilot, "etc/")
        await pilot.press("l")
        await at(pilot, "lines")
        before = shown(app)
        await pilot.press("slash", *"passwd")
        await shows(pilot, "1 match")
        assert shown(app) == ["etc/", "passwd"]
        assert main_of(app).parts.view.is_page, "the details still fill the screen"
        await pilot.press("enter", "enter")
        await shows(pilot, "/bin/bash")
        await pilot.press("escape")
        await shows(pilot, "1 match")
        await pilot.press("escape")
        await until(pilot, lambda: shown(app) == before)
        tree = app.screen.query_one(PathTree)
        assert tree.node is not None
        assert tree.node.name == "lines", "the cursor is where it was"
        await pilot.press("escape")
        assert not main_of(app).parts.view.is_page, "esc means what it meant before"


async def test_matches_are_gone_through(real: Store) -> None:  # noqa: F811
    async with opened(real, (80, 24)) as (app, pilot):
        await pilot.press("G", "4", "o")
        await at(pilot, "etc/")
        await pilot.press("slash", *"in")
        await shows(pilot, "2 matches")
        await pilot.press("enter")
        tree = app.screen.query_one(PathTree)
        seen = []
        for key in ("n", "n", "N"):
            assert tree.node is not None
            seen.append(tree.node.name)
            await pilot.press(key)
        assert seen == ["lines", "binary", "lines"]
        await pilot.press("slash", *"nowhere")
        await shows(pilot, "0 matches")


async def test_the_content_of_files_is_searched(real: Store) -> None:  # noqa: F811
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("G", "4", "o", "o")
        await at(pilot, "etc/")
        await pilot.press("slash", "slash", "slash", *"line 4321")
        await shows(pilot, "Enter searches the content")
        await pilot.press("enter")
        await shows(pilot, "1 match", "4322: line 4321")
        assert shown(app) == ["etc/", "lines"]
        await pilot.press("escape", "slash", "slash", "slash", *"elf", "enter")
        await shows(pilot, "1 match", "binary")


async def test_changes_are_searched_too(real: Store) -> None:  # noqa: F811
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("G", "3", "o", "o")
        await shows(pilot, "parent 1")
        await pilot.press("slash", *"etc lin")
        await shows(pilot, "1 match")
        assert shown(app) == ["etc/", "lines"]
        await pilot.press("escape")
        await shows(pilot, "parent 1")
        await pilot.press("slash", "slash", "slash", *"evil", "enter")
        await shows(pilot, "1 match", "passwd")


async def test_files_say_their_layer_and_directories_their_size(
    real: Store,  # noqa: F811
) -> None:
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("G", "4", "o", "o")
        await at(pilot, "etc/")
        await pilot.press("l")
        await until(pilot, lambda: " 2" in _line(app, "passwd"))
        await pilot.press("s")
        await shows(pilot, "by size:")
        assert shown(app)[0] == "etc/", "the biggest first"
        assert "kB" in _line(app, "etc/")
        await pilot.press("s")
        await until(pilot, lambda: "by size:" not in text_of(app))


def _line(app, word: str) -> str:  # type: ignore[no-untyped-def]
    return next((x for x in text_of(app).splitlines() if word in x), "")
