"""The tree's widget: cursor, marks and place are kept by id."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.store.store import Store
from plashui.ui.model.images.order import Order, ordered
from plashui.ui.model.images.row_cells import columns, shown_size
from plashui.ui.platform.palette import ReadableApp
from plashui.ui.widgets.tree_table import TreeTable
from tests.ui.driving import opened, table_of, text_of, until
from tests.ui.model.images.test_rows import forest


class Alone(ReadableApp):
    """The tree and nothing else."""

    def __init__(self) -> None:
        """Nothing is chosen yet."""
        super().__init__()
        self.begin_with("textual-dark")
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        """The tree."""
        yield TreeTable()

    def on_tree_table_chosen(self, event: TreeTable.Chosen) -> None:
        """Take note."""
        self.chosen.append(event.image)


@asynccontextmanager
async def tree(
    shown: Forest, size: tuple[int, int] = (80, 12)
) -> AsyncIterator[tuple[TreeTable, Pilot[None]]]:
    """A tree of this forest."""
    app = Alone()
    async with app.run_test(size=size) as pilot:
        table = app.query_one(TreeTable)
        table.show(shown)
        table.focus()
        await pilot.pause()
        yield table, pilot


def big() -> Forest:
    """10,000 images: ten on the ground, ten on each."""
    return build_forest(
        Image(
            i,
            0 if i <= 10 else (i - 11) // 10 + 1,
            origin=f"layer {i}",
            own=Usage(i, i, 1),
        )
        for i in range(1, 10_001)
    )


async def test_keys_move_open_and_close() -> None:
    async with tree(forest()) as (table, pilot):
        await pilot.press("j", "j")
        assert table.image == 4
        await pilot.press("h")
        assert table.image == 2, "from a leaf to its parent"
        await pilot.press("h")
        assert [row.id for row in table.rows] == [1, 2, 3, 9]
        await pilot.press("l", "l")
        assert table.image == 4, "opened, then to the first child"
        await pilot.press("G")
        assert table.image == 9
        await pilot.press("g", "k")
        assert table.image == 1


async def test_cursor_marks_and_expansion_survive_sort_filter_and_refresh() -> None:
    async with tree(forest()) as (table, pilot):
        await pilot.press("j", "h", "j")
        table.switch_mark()
        assert table.marks == {3}
        assert table.image == 9
        table.sort(Order.NAME)
        assert table.image == 9
        table.filter("base")
        assert table.image == 1, "what had the cursor is hidden: to a match"
        table.filter("")
        without = dict(forest().images)
        without[1] = Image(1, 0, (2, 3))
        table.show(build_forest([*without.values(), Image(10, 9)]))
        assert table.marks == {3}
        assert table.image == 1
        assert 4 not in [row.id for row in table.rows], "2 stays closed"
        assert 10 in [row.id for row in table.rows], "what is new is shown"
        table.show(build_forest([Image(9, 0)]))
        assert table.marks == set()
        assert table.image == 9
        table.show(Forest({}))
        assert table.image is None


async def test_a_filter_that_finds_nothing_gives_the_cursor_back() -> None:
    async with tree(big()) as (table, pilot):
        table.reveal(7)
        for needle in ("layer 7", "nothing is called so"):
            table.filter(needle)
            await pilot.pause()
        assert (table.image, len(table.rows)) == (None, 0)
        table.filter("")
        assert table.image == 7


async def test_the_row_under_the_cursor_stays_where_it_is_on_screen() -> None:
    shown = build_forest(Image(i, 0) for i in range(100, 200))
    async with tree(shown) as (table, pilot):
        for _ in range(5):
            await pilot.press("pagedown")
        await pilot.press("k", "k", "k")
        image = table.image
        above = table.cursor - table.scroll_offset.y
        more = build_forest(Image(i, 0) for i in [*range(1, 31), *range(100, 200)])
        table.show(more)
        await pilot.pause()
        assert table.image == image
        assert table.cursor - table.scroll_offset.y == above


async def test_columns_fit_every_width() -> None:
    for width in range(20, 200):
        for more in (frozenset[str](), frozenset({"packages", "packed"})):
            wide = columns(width, 12_345, more)
            assert wide.name >= 4
            if width >= 40:
                assert wide.before_name + sum(wide[1:]) <= width
    async with tree(forest()) as (table, pilot):
        for width in (60, 80, 120, 160):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
            lines = text_of(pilot.app).splitlines()
            assert "base" in lines[0]
            assert all(len(line) <= width for line in lines)
            ends = [line.find(" B", 12) for line in lines[:5]]
            assert len(set(ends)) == 1, "sizes are aligned"
        assert table.columns.bar


async def test_what_is_not_counted_reads_as_a_tilde() -> None:
    half = build_forest([Image(1, 0, own=Usage(5000, 5000, 1)), Image(2, 1)])
    assert shown_size(half.own(1)) == "5.0 kB"
    assert shown_size(half.own(2)) == "~"
    assert shown_size(half.subtree(1)) == "~5.0 kB"


async def test_the_mouse_selects_opens_and_chooses() -> None:
    async with tree(forest()) as (table, pilot):
        await pilot.click(TreeTable, offset=(30, 3))
        assert table.image == 3
        await pilot.click(TreeTable, offset=(table.columns.before_name, 0))
        assert [row.id for row in table.rows] == [1, 9]
        await pilot.click(TreeTable, offset=(30, 1), times=2)
        await pilot.pause()
        assert isinstance(pilot.app, Alone)
        assert pilot.app.chosen == [9]


async def test_ten_thousand_images_open_and_move_without_lag() -> None:
    shown = big()
    async with tree(shown) as (table, _pilot):
        assert len(table.rows) == 10
        began = time.process_time()
        table.open_all()
        assert len(table.rows) == 10_000
        assert time.process_time() - began < 1.0
        began = time.process_time()
        for _ in range(200):
            table.action_page(1)
        await asyncio.sleep(0)
        assert time.process_time() - began < 1.0
        assert table.cursor == min(9_999, 200 * 11)


async def test_sizes_that_arrive_are_sorted_in_a_thread(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a hundred thousand images that takes longer than a key may."""
    there, sorting = threading.Event(), threading.Event()
    sorters: list[threading.Thread] = []

    def slowly(*words: Any) -> list[int]:
        sorters.append(threading.current_thread())
        sorting.set()
        there.wait(10)
        return ordered(*words)

    async with opened(sample) as (app, pilot):
        table = table_of(app)
        table.lay(flat=True)
        await until(pilot, lambda: [row.id for row in table.rows][:2] == [6, 5])
        monkeypatch.setattr("plashui.ui.model.images.rows.ordered", slowly)
        table.counted(table.forest.with_counted(_sized(table.forest, {9: 4 << 30})))
        assert await asyncio.to_thread(sorting.wait, 10)
        assert [row.id for row in table.rows][:2] == [6, 5]
        monkeypatch.setattr("plashui.ui.model.images.rows.ordered", ordered)
        there.set()
        await until(pilot, lambda: [row.id for row in table.rows][:2] == [9, 6])
        assert threading.main_thread() not in sorters


async def test_what_is_opened_while_sizes_are_sorted_stays_open(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, sorting = threading.Event(), threading.Event()

    def slowly(*words: Any) -> list[int]:
        sorting.set()
        there.wait(10)
        return ordered(*words)

    async with opened(sample) as (app, pilot):
        table = table_of(app)
        table.sort(Order.OWN)
        await until(pilot, lambda: [row.id for row in table.rows][:2] == [1, 5])
        monkeypatch.setattr("plashui.ui.model.images.rows.ordered", slowly)
        table.counted(table.forest.with_counted(_sized(table.forest, {2: 4 << 30})))
        assert await asyncio.to_thread(sorting.wait, 10)
        monkeypatch.setattr("plashui.ui.model.images.rows.ordered", ordered)
        table._switch_branch(1)  # 5 is closed
        there.set()
        await until(pilot, lambda: [row.id for row in table.rows][:2] == [1, 2])
        assert [row.id for row in table.rows] == [1, 2, 17, 5, 9, 12]


def _sized(forest: Forest, sizes: dict[int, int]) -> dict[int, Image]:
    """Those of the images, with these sizes."""
    images = forest.images
    return {i: images[i]._replace(own=Usage(n, n, 1)) for i, n in sizes.items()}
