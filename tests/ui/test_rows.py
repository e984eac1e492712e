"""Rows of the tree, as values."""

from __future__ import annotations

import time

from plashui.core.forest import Forest, Image, Usage, build_forest
from plashui.ui.rows import (
    GUIDE_LIMIT,
    Order,
    Row,
    closed_at_first,
    matching,
    opened_rows,
    rows_below,
    view,
    visible_rows,
)


def forest() -> Forest:
    """1 carries 2 and 3, 2 carries 4; 9 stands alone."""
    return build_forest(
        [
            Image(1, 0, names=("base",), own=Usage(100, 100, 1), created=50.0),
            Image(2, 1, origin="apt install git", own=Usage(10, 10, 1), created=40.0),
            Image(3, 1, names=("Web",), own=Usage(500, 500, 1), created=30.0),
            Image(4, 2, own=Usage(1, 1, 1), created=60.0),
            Image(9, 0, names=("alpine",), own=Usage(8, 8, 1), created=10.0),
        ]
    )


def drawn(rows: list[Row]) -> list[str]:
    """Guide and id of each row."""
    return [f"{row.guide}{row.id}" for row in rows]


def test_guides_show_the_nesting() -> None:
    rows = visible_rows(view(forest(), set()))
    assert drawn(rows) == ["1", "├─2", "│ └─4", "└─3", "9"]
    assert [row.depth for row in rows] == [0, 1, 2, 1, 0]
    assert [row.parent for row in rows] == [True, True, False, False, False]


def test_a_closed_branch_hides_all_that_stands_on_it() -> None:
    assert drawn(visible_rows(view(forest(), {1}))) == ["1", "9"]
    assert drawn(visible_rows(view(forest(), {2}))) == ["1", "├─2", "└─3", "9"]


def test_opening_by_splicing_gives_the_rows_of_drawing_all_anew() -> None:
    whole = visible_rows(view(forest(), set()))
    rows = visible_rows(view(forest(), {1}))
    row = rows[0]._replace(opened=True)
    rows[0:1] = [row, *opened_rows(view(forest(), set()), row)]
    assert rows == whole
    assert rows_below(rows, 0) == 3
    assert rows_below(rows, 1) == 1
    assert rows_below(rows, 4) == 0


def test_siblings_are_sorted_within_their_parent() -> None:
    def ids(order: Order) -> list[int]:
        return [row.id for row in visible_rows(view(forest(), set(), order))]

    assert ids(Order.ID) == [1, 2, 4, 3, 9]
    assert ids(Order.SUBTREE) == [1, 3, 2, 4, 9]
    assert ids(Order.OWN) == [1, 3, 2, 4, 9]
    assert ids(Order.AGE) == [1, 2, 4, 3, 9]
    assert ids(Order.NAME) == [9, 1, 3, 2, 4]
    assert Order.ID.next() is Order.SUBTREE
    assert Order.NAME.next() is Order.ID


def test_the_filter_shows_what_it_finds_and_the_way_to_it() -> None:
    assert matching(forest(), "WEB") == {3}
    assert matching(forest(), "4") == {4}
    assert matching(forest(), "git") == {2}
    rows = visible_rows(view(forest(), set(), needle="4"))
    assert drawn(rows) == ["1", "└─2", "  └─4"]
    assert [row.found for row in rows] == [False, False, True]
    assert visible_rows(view(forest(), set(), needle="nothing such")) == []


def test_small_stores_start_open_and_big_ones_closed() -> None:
    assert closed_at_first(forest()) == set()
    assert closed_at_first(forest(), limit=2) == {1, 2}


def test_ten_thousand_layers_on_one_another_are_rows_like_others() -> None:
    chain = build_forest(Image(i, i - 1) for i in range(1, 10_001))
    began = time.perf_counter()
    rows = visible_rows(view(chain, set()))
    assert len(rows) == 10_000
    assert max(len(row.guide) for row in rows) <= GUIDE_LIMIT + 2
    assert rows[-1].guide.startswith("┄ ")
    assert time.perf_counter() - began < 2.0
