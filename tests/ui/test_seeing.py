"""The same images as a list and as a map, in other orders, filtered."""

from __future__ import annotations

import os
import subprocess
import threading
import time

import pytest

from plashui.base.errors import Holder
from plashui.store.marks import pin
from plashui.store.store import Store
from plashui.ui.dialogs.removals.removal import RemovalScreen
from plashui.ui.model.images.order import Order
from plashui.ui.model.map.treemap import Kind
from plashui.ui.screens.main import MainScreen
from plashui.ui.store_view.watcher import eldest
from plashui.ui.tabs.details import Details
from plashui.ui.widgets.filter_bar import FilterBar
from plashui.ui.widgets.tree_header import TreeHeader
from tests.ui.conftest import NOW
from tests.ui.driving import (
    PATIENCE,
    matches_golden,
    opened,
    parts_of,
    shows,
    table_of,
    text_of,
    told,
    until,
    view_of,
)
from tests.ui.test_hostile import harmless


def use(store: Store, image: int, days: float) -> None:
    """Note that something was started in it so many days ago."""
    place = store.path / "layer/0/_meta/used"
    place.mkdir(parents=True, exist_ok=True)
    (place / str(image)).touch()
    os.utime(place / str(image), (NOW - days * 86_400,) * 2)


@pytest.mark.usefixtures("still")
async def test_the_list_by_size_and_the_tree_keep_the_cursor(sample: Store) -> None:
    use(sample, 17, 3)
    pin(sample, 12)
    async with opened(sample, (160, 45)) as (app, pilot):
        await pilot.press("G", "t")
        table = table_of(app)
        assert [row.id for row in table.rows] == [6, 5, 1, 2, 12, 17, 9]
        assert table.image == 12
        await shows(pilot, "list by own ▾", "▾OWN", "◆ py", "3 d")
        await until(pilot, lambda: app.screen.query_one(Details).has_facts)
        await shows(pilot, "┏▸ 9")
        await matches_golden(pilot, "list-160x45")
        await pilot.press(*"ssssss")
        assert table.order.value == "USED"
        assert table.rows[0].id == 17
        await pilot.press("t")
        assert table.image == 12
        assert table.order is Order.ID, "the tree has an order of its own"
        await pilot.press("n")
        await shows(pilot, "NAME▴")
        assert [row.id for row in table.rows if not row.depth] == [9, 1]


@pytest.mark.usefixtures("still")
async def test_a_list_on_a_narrow_screen_says_its_order(sample: Store) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("t")
        await matches_golden(pilot, "list-80x24")
        table_of(app).sort(Order.USED)
        await shows(pilot, "list by used ▴")


async def test_a_click_on_a_heading_sorts(sample: Store) -> None:
    async with opened(sample, (160, 45)) as (app, pilot):
        header = app.screen.query_one(TreeHeader)
        at = 0
        for order, text in header.headings():
            await pilot.click(TreeHeader, offset=(at + len(text) - 2, 0))
            await pilot.pause()
            assert table_of(app).order is order
            at += len(text)


async def test_the_filter_says_what_it_does_not_understand(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("slash")
        await shows(pilot, "is:running|never-used|pinned")
        await pilot.press(*">1")
        await pilot.press("G", "o")
        await shows(pilot, "! '1Go' is not a size")
        assert len(table_of(app).rows) == 7, "nothing is hidden by it"
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: table_of(app).found == 1)
        await shows(pilot, "1 of 7 images", "toolchain")
        await pilot.press("escape")
        assert not app.screen.query(FilterBar) or table_of(app).needle == ""
        assert len(table_of(app).rows) == 7


async def test_a_filter_that_matches_nothing_says_so(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("slash", *"gitty")
        await shows(pilot, "0 of 7 images", "No match - esc clears")
        await pilot.press("enter")
        await shows(pilot, "No match")
        await pilot.press("escape")
        await shows(pilot, "debian")
        assert "No match" not in text_of(app)


async def test_a_cursor_moved_in_a_scrolled_table_is_seen(sample: Store) -> None:
    for number in range(100, 160):
        place = sample.path / f"layer/0/{number}/_data/root"
        place.mkdir(parents=True)
        (sample.path / f"index/{number}").symlink_to(f"../layer/0/{number}")
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("G", "k", "k")
        table = table_of(app)
        assert table.scroll_offset.y > 20
        drawn: list[int] = []
        lines = table.render_line

        def render_line(y: int) -> object:
            drawn.append(y + table.scroll_offset.y)
            return lines(y)

        table.render_line = render_line  # type: ignore[method-assign, assignment]
        await pilot.press("k")
        await until(pilot, lambda: {table.cursor, table.cursor + 1} <= set(drawn))


@pytest.mark.usefixtures("still")
async def test_the_map_at_two_sizes(sample: Store) -> None:
    pin(sample, 5)
    async with opened(sample, (120, 32)) as (app, pilot):
        await pilot.press("M")
        await shows(pilot, "Map all ─", "◆▾ 5 apt install gcc")
        await until(pilot, lambda: app.screen.query_one(Details).has_facts)
        await pilot.pause()
        await matches_golden(pilot, "map-120x32")
        await pilot.resize_terminal(60, 17)
        await shows(pilot, "distribution:", "■ debian")
        await pilot.press("c")
        await shows(pilot, "age:", "older")
        await pilot.press("c", "c", "c")
        await shows(pilot, "distribution:")
        await pilot.pause()
        await matches_golden(pilot, "map-60x17")


async def test_the_map_is_gone_about_marked_zoomed_and_acted_on(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = [Holder(4711, "sleep 100", 17)]
    monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: used)
    async with opened(sample) as (app, pilot):
        await pilot.press("M")
        view = view_of(app)
        await until(
            pilot,
            lambda: view.usage_map and view.usage_map.blocks,
        )
        world = view.usage_map
        assert world is not None
        assert view.image == 1, "where the cursor of the tree was"
        await pilot.press("down", "down")
        assert view.image == 6
        await shows(pilot, "6 toolchain")
        await pilot.press("space")
        assert table_of(app).marks == {6}
        await shows(pilot, "1 marked", "▌6 toolchain")
        await pilot.press("plus")
        await told(pilot, "No image is built on this layer")
        await pilot.press("up", "l")
        assert world.place.image == 5
        assert {b.image for b in world.blocks} == {5, 6}
        await shows(pilot, "Map all › apt install gcc ─")
        await pilot.press("backspace", "h")
        assert world.place.image is None
        await told(pilot, "Already zoomed out")
        await pilot.press("s", "s")
        await told(pilot, "always sorted by size")
        await pilot.press("space", "d")
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: view.usage_map is None)
        assert app.focused is table_of(app)
        assert table_of(app).image == 5, "where the cursor of the map was"


@pytest.mark.usefixtures("still")
async def test_escape_goes_back_through_the_map_one_step_at_a_time(
    sample: Store,
) -> None:
    async with opened(sample, (120, 32)) as (app, pilot):
        view = view_of(app)
        await pilot.press("M")
        await shows(pilot, "Map all ─")
        await pilot.press("plus")
        await shows(pilot, "Map all › debian ─")
        await pilot.press("down", "plus")
        await shows(pilot, "Map all › debian › apt install gcc ─")
        await shows(pilot, "removing it frees 1.6 GB", "last used")
        await matches_golden(pilot, "map-zoomed-120x32")
        await pilot.press("escape")
        await shows(pilot, "Map all › debian ─")
        await pilot.press("escape")
        await shows(pilot, "Map all ─")
        await pilot.press("escape")
        await until(pilot, lambda: view.usage_map is None)


async def test_the_footer_of_the_map_says_how_to_go_about_it(sample: Store) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("M")
        await shows(pilot, "+ Zoom in", "- Zoom out", "M Back to the tree")
        view = view_of(app)
        line = text_of(app).splitlines()[-1]
        await pilot.click(offset=(line.index("Zoom in"), 23))
        await until(
            pilot,
            lambda: view.usage_map and view.usage_map.place.image == 1,
        )
        await pilot.click(offset=(line.index("Back to"), 23))
        await shows(pilot, "SUBTREE", "enter Shell")


async def test_the_map_follows_the_mouse_and_the_store(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("M")
        view = view_of(app)
        await until(
            pilot,
            lambda: view.usage_map and view.usage_map.blocks,
        )
        world = view.usage_map
        assert world is not None
        block = next(b for b in world.blocks if b.image == 6)
        await pilot.click(world, offset=(block.box.x + 2, block.box.y + 1))
        assert view.image == 6
        title = next(b for b in world.blocks if b.kind is Kind.TITLE and b.image == 5)
        await pilot.click(world, offset=(title.box.x + 3, title.box.y), times=2)
        await until(pilot, lambda: world.place.image == 5)
        for image in (6, 5):
            (sample.path / f"index/{image}").unlink()
        parts_of(app).reader.reread()
        await until(pilot, lambda: 5 not in table_of(app).forest)
        await shows(pilot, "Map all ──")
        assert view.image in table_of(app).forest
        await pilot.press("M", "M", "t")
        await until(pilot, lambda: view.usage_map is None)


async def test_what_a_removal_frees_is_the_same_in_the_overview_and_the_preview(
    sample: Store,
) -> None:
    from plashui.operations.removal_plan import plan_removal

    async with opened(sample) as (app, pilot):
        details = app.screen.query_one(Details)
        subject = details._subject
        await until(pilot, lambda: details._subject.beside is not None)
        subject = details._subject
        plan = plan_removal(sample, table_of(app).forest, [1])
        assert subject.image == 1
        assert subject.beside
        assert subject.forest.subtree(1).bytes + subject.beside == plan.bytes
        await shows(pilot, "removing it frees 1.8 GB")


async def test_hostile_names_are_harmless_in_list_and_map(hostile: Store) -> None:
    async with opened(hostile, (100, 30)) as (app, pilot):
        for key in ("t", "M", "plus", "minus", "G"):
            await pilot.press(key)
            await pilot.pause()
            text = harmless(text_of(app))
            assert max(map(len, text.splitlines())) <= 100
        assert isinstance(app.screen, MainScreen)


def test_one_process_of_each_image_is_waited_for() -> None:
    found = [
        Holder(31, "sleep", 1),
        Holder(30, "sh", 1),
        Holder(40, "sh", 2),
        Holder(0, "mounted at /mnt", 3),
    ]
    assert eldest(found) == {30, 40, 0}
    assert eldest(reversed(found[:2])) == eldest([*found[:2], Holder(0, "", 1)]) == {30}


async def test_who_is_in_an_image_is_seen_as_it_comes_and_goes(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["sleep", "600"]) as guest:
        there: list[Holder] = []
        monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: [*there])
        monkeypatch.setattr("plashui.ui.store_view.watcher.BETWEEN", 0.05)
        try:
            async with opened(sample) as (app, pilot):
                await until(pilot, lambda: parts_of(app).watcher.watching)
                assert "●" not in text_of(app)
                there.append(Holder(guest.pid, "sleep 600", 1))
                end = time.monotonic() + PATIENCE
                while "1 ●" not in text_of(app) and time.monotonic() < end:
                    use(sample, 1, 0)  # whether it is watched yet nobody tells
                    await pilot.pause(0.3)
                await shows(pilot, "1 ●", f"{guest.pid} sleep 600")
                there.clear()
                guest.kill()
                await until(pilot, lambda: "●" not in text_of(app), "that it is gone")
                await until(pilot, lambda: "sleep 600" not in text_of(app))
        finally:
            guest.kill()


async def test_ages_go_on_while_nothing_happens(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.ui.store_view.reader.AGEING", 0.05)
    monkeypatch.setattr("plashui.ui.model.images.arrangement.time.time", lambda: NOW)
    async with opened(sample) as (app, pilot):
        await shows(pilot, " 9 d ")
        monkeypatch.setattr(
            "plashui.ui.model.images.arrangement.time.time", lambda: NOW + 86400
        )
        await until(pilot, lambda: "10 d" in text_of(app))


async def test_a_distribution_is_found_whatever_the_image_is_called(
    sample: Store,
) -> None:
    node = sample.path / "layer/0/1/_data/root"
    (node / "usr/lib").mkdir(parents=True, exist_ok=True)
    (node / "usr/lib/os-release").write_text('NAME=x\nPRETTY_NAME="Void of Jupiter"\n')
    async with opened(sample) as (app, pilot):
        table_of(app).filter("os:jupiter")  # all at once
        await shows(pilot, "5 of 7 images")
        await pilot.press("slash", "ctrl+u", *"os:alpine")
        await shows(pilot, "2 of 7 images")
        assert table_of(app).found == 2


async def test_distributions_are_found_out_once_however_one_types(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []
    may = threading.Event()

    def distributions(
        _store: Store, _forest: object, images: list[int], _cancel: object
    ) -> dict[int, str]:
        asked.append(list(images))
        may.wait(10)
        return dict.fromkeys(images, "Void")

    monkeypatch.setattr("plashui.image.os_release.distributions", distributions)
    async with opened(sample) as (app, pilot):
        await pilot.press("slash", *"os:vo")
        await until(pilot, lambda: bool(asked))
        await pilot.press(*"id")
        may.set()
        await shows(pilot, "7 of 7 images")
        assert len(asked) == 1
        assert table_of(app).found == 7
