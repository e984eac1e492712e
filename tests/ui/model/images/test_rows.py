"""Rows of the tree, as values."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from pathlib import Path

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.store.activity import Facts
from plashui.store.changes.saved_changes import Kept
from plashui.store.run_spec import Way
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.rows import (
    GUIDE_LIMIT,
    Row,
    Rows,
    View,
    closed_at_first,
    view,
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


def drawn(rows: Iterable[Row]) -> list[str]:
    """Guide and id of each row."""
    return [f"{row.guide}{row.id}" for row in rows]


def test_guides_show_the_nesting() -> None:
    rows = Rows(view(forest(), set()))
    assert drawn(rows) == ["1", "├╴2", "│ └╴4", "└╴3", "9"]
    assert [row.depth for row in rows] == [0, 1, 2, 1, 0]
    assert [row.parent for row in rows] == [True, True, False, False, False]


def test_a_closed_branch_hides_all_that_stands_on_it() -> None:
    assert drawn(Rows(view(forest(), {1}))) == ["1", "9"]
    assert drawn(Rows(view(forest(), {2}))) == ["1", "├╴2", "└╴3", "9"]


def plainly(shown: View) -> list[Row]:
    """All rows, worked out one by one."""
    rows: list[Row] = []

    def is_open(image: int) -> bool:
        return bool(shown.children(image)) and image not in shown.closed

    def below(image: int, depth: int, start: str) -> None:
        kids = Rows(shown)._kids(image)
        for kid in kids:
            mine, inner = "", ""
            if (
                depth
                and len(kids) == 1
                and is_open(kid)
                and len(shown.children(kid)) == 1
            ):
                mine, inner = start + "│ ", start
            elif depth:
                last = kid == kids[-1]
                mine = start + ("└╴" if last else "├╴")
                inner = start + ("  " if last else "│ ")
            parent = bool(shown.children(kid))
            found = shown.found is None or kid in shown.found
            rows.append(Row(kid, depth, mine, parent, is_open(kid), found))
            if is_open(kid):
                below(kid, depth + 1, inner)

    below(0, 0, "")
    return rows


def test_a_chain_of_only_children_is_not_indented() -> None:
    images = [Image(1, 0), Image(2, 1), Image(3, 2), Image(4, 3), Image(5, 3)]
    rows = Rows(view(build_forest(images), set()))
    assert drawn(rows) == ["1", "│ 2", "└╴3", "  ├╴4", "  └╴5"]
    chain = build_forest(Image(i, i - 1) for i in range(1, 61))
    assert {len(row.guide) for row in Rows(view(chain, set()))} == {0, 2}
    assert drawn(Rows(view(build_forest(images), {2}))) == ["1", "└╴2"]


def test_rows_made_when_they_are_looked_at_are_those_made_one_by_one() -> None:
    dice = random.Random(3)
    images = [Image(n, dice.randrange(n) if n % 30 else 0) for n in range(1, 300)]
    shown = build_forest(i._replace(own=Usage(i.id % 7, 0, 1)) for i in images)
    for needle in ("", "is:leaf", "<3"):
        closed = {n for n in shown.images if dice.random() < 0.3}
        seen = view(shown, closed, Order.OWN, needle)
        rows = Rows(seen)
        for _ in range(25):
            wanted = plainly(seen)
            assert list(rows) == wanted
            places = {row.id: at for at, row in enumerate(wanted)}
            assert {n: rows.place(n) for n in places} == places
            hidden = next(iter(shown.images.keys() - places.keys()), None)
            assert rows.place(hidden) is None
            turned = dice.choice([row.id for row in wanted if row.parent])
            closed.symmetric_difference_update({turned})
            rows.turned(turned)


def test_a_flat_list_has_every_image_once_in_order_and_no_branches() -> None:
    rows = Rows(view(forest(), {1}, Order.OWN, flat=True))
    assert drawn(rows) == ["3", "1", "2", "9", "4"]
    assert not any(row.parent or row.opened or row.depth for row in rows)
    assert [rows.place(n) for n in (3, 4, 77)] == [0, 4, None]
    found = Rows(view(forest(), set(), Order.ID, "is:named", flat=True))
    assert drawn(found) == ["1", "3", "9"]
    assert found.place(2) is None


def test_siblings_are_sorted_within_their_parent() -> None:
    def ids(order: Order) -> list[int]:
        facts = Facts(99.0, {9: 70.0, 2: 80.0, 3: 90.0})
        return [row.id for row in Rows(view(forest(), set(), order, facts=facts))]

    assert ids(Order.ID) == [1, 2, 4, 3, 9]
    assert ids(Order.SUBTREE) == [1, 3, 2, 4, 9]
    assert ids(Order.OWN) == [1, 3, 2, 4, 9]
    assert ids(Order.AGE) == [1, 2, 4, 3, 9]
    assert ids(Order.NAME) == [9, 1, 3, 2, 4]
    assert ids(Order.USED) == [9, 1, 3, 2, 4], "the last used first, never used last"
    facts = Facts(99.0, {9: 70.0, 1: 60.0, 3: 90.0}, frozenset({1, 2}))
    rows = Rows(view(forest(), set(), Order.USED, facts=facts))
    assert [row.id for row in rows] == [1, 2, 4, 3, 9], "what is in use before all"
    assert Order.ID.next() is Order.SUBTREE
    assert Order.USED.next() is Order.ID


def test_names_are_sorted_as_people_sort_them() -> None:
    images = [
        Image(1, 0, names=("Zeta",)),
        Image(2, 0, names=("alpha",)),
        Image(3, 0, origin="apt install git"),
        Image(4, 0),
        Image(5, 0, names=("Beta",), origin="a tar"),
        Image(6, 0, origin="Sid.tar"),
    ]
    rows = Rows(view(build_forest(images), set(), Order.NAME))
    assert [row.id for row in rows] == [2, 5, 1, 3, 6, 4]


def test_the_filter_shows_what_it_finds_and_the_way_to_it() -> None:
    rows = Rows(view(forest(), set(), needle="4"))
    assert drawn(rows) == ["1", "│ 2", "└╴4"]
    assert [row.found for row in rows] == [False, False, True]
    assert len(Rows(view(forest(), set(), needle="nothing such"))) == 0


def test_small_stores_start_open_and_big_ones_closed() -> None:
    assert closed_at_first(forest()) == set()
    assert closed_at_first(forest(), limit=2) == {1, 2}


def test_ten_thousand_layers_on_one_another_are_rows_like_others() -> None:
    comb = [Image(i, max(0, i - 1 - (i + 1) % 2)) for i in range(1, 10_001)]
    chain = build_forest(comb)
    began = time.process_time()
    rows = Rows(view(chain, set()))
    assert len(rows) == 10_000
    assert max(len(row.guide) for row in rows) <= GUIDE_LIMIT + 2
    assert rows[-1].guide.startswith("┄ ")
    assert time.process_time() - began < 10.0


def test_a_hundred_thousand_images_are_opened_sorted_and_found_at_once() -> None:
    """The bounds are ten times what it takes: they tell a loop from a crawl."""
    shown = build_forest(Image(n, (n - 1) // 10 * (n > 10)) for n in range(1, 100_001))
    began = time.process_time()
    rows = Rows(view(shown, set(), Order.SUBTREE))
    assert len(rows) == 100_000
    assert rows[70_000].depth
    assert rows[rows.place(99_999) or 0].id == 99_999
    assert time.process_time() - began < 10.0


def _changes(image: int, *names: str) -> dict[int, tuple[Kept, ...]]:
    return {image: tuple(Kept(Path(f"/s/kept/{n}"), image, Way(), 0.0) for n in names)}


def test_unsaved_changes_are_rows_before_the_children_of_their_image() -> None:
    facts = Facts(0.0, unsaved=_changes(2, "2-a", "2-b") | _changes(99, "99-a"))
    rows = Rows(view(forest(), set(), facts=facts))
    plain = Rows(view(forest(), set()))
    at = plain.place(2)
    assert at is not None
    assert len(rows) == len(plain) + 2
    assert [row.changes for row in rows[at : at + 3]] == ["", "2-a", "2-b"]
    assert [row.id for row in rows[at : at + 3]] == [2, 2, 2]
    assert [row for row in rows if not row.changes] == list(plain)
    for image in forest().images:
        place = rows.place(image)
        assert place is not None
        assert (rows[place].id, rows[place].changes) == (image, "")
    assert rows.place_of_changes(2, "2-b") == at + 2
    assert rows.place_of_changes(2, "2-c") is None


def test_rows_of_changes_close_with_their_image_and_leaves_have_them_too() -> None:
    facts = Facts(0.0, unsaved=_changes(4, "4-a"))
    closed: set[int] = set()
    rows = Rows(view(forest(), closed, facts=facts))
    at = rows.place(4)
    assert at is not None
    assert (rows[at].parent, rows[at].opened) == (True, True)
    assert (rows[at + 1].changes, rows[at + 1].depth) == ("4-a", rows[at].depth + 1)
    closed.add(4)
    rows.turned(4)
    assert "4-a" not in [row.changes for row in rows]
    assert rows.place_of_changes(4, "4-a") is None
    flat = Rows(view(forest(), set(), facts=facts, flat=True))
    assert not any(row.changes for row in flat)
    found = Rows(view(forest(), set(), needle="Web", facts=facts))
    assert not any(row.changes for row in found)


def test_pages_of_rows_meet_among_very_many_changes() -> None:
    names = [f"2-{n:03}" for n in range(200)]
    facts = Facts(0.0, unsaved=_changes(2, *names))
    rows = Rows(view(forest(), set(), facts=facts))
    assert [row.changes for row in rows if row.changes] == names
    again = Rows(view(forest(), set(), facts=facts))
    assert [again[at] for at in reversed(range(len(again)))] == list(rows)[::-1]


def test_what_is_below_a_closed_branch_has_no_place_however_deep() -> None:
    images = [Image(n, n - 1) for n in range(1, 6)]
    rows = Rows(view(build_forest(images), {1}))
    assert [rows.place(n) for n in range(1, 6)] == [0, None, None, None, None]
