"""The steps of a build as one row."""

from __future__ import annotations

import random
from pathlib import Path

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.store.activity import Facts
from plashui.store.changes.saved_changes import Kept
from plashui.store.run_spec import Way
from plashui.ui.model.images.arrangement import Arrangement
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.row_cells import Picture, columns, row_cells
from plashui.ui.model.images.rows import Rows, view
from tests.ui.model.images.test_rows import drawn, plainly


def step(image: int, parent: int, size: int = 1, name: str = "") -> Image:
    """An image that a step of a build has made."""
    names = (name,) if name else ()
    own = Usage(size, size, 1)
    return Image(image, parent, names=names, origin="RUN make", own=own, step=True)


BASE = Image(1, 0, names=("debian",), own=Usage(100, 100, 1))
SITE = (step(2, 1, 10), step(3, 2, 20), step(4, 3, 30, "site"))


def forest(*more: Image, pinned: frozenset[int] = frozenset()) -> Forest:
    """The build `site` of three steps on 1, and what else is there."""
    made = build_forest([BASE, *SITE, *more])
    return Forest(made.images, pinned)


def test_the_steps_of_a_build_are_one_row() -> None:
    rows = Rows(view(forest(), set()))
    assert drawn(rows) == ["1", "└╴4"]
    assert [row.steps for row in rows] == [0, 2]
    assert (rows.place(4), rows.place(3), rows.place(2)) == (1, None, None)


def test_what_is_built_on_a_build_is_below_its_row() -> None:
    shown = forest(Image(5, 4), Image(6, 5), Image(7, 1))
    assert drawn(Rows(view(shown, set()))) == ["1", "├╴4", "│ │ 5", "│ └╴6", "└╴7"]
    assert drawn(Rows(view(shown, {4}))) == ["1", "├╴4", "└╴7"]
    rows = Rows(view(shown, closed := {4}))
    closed.clear()
    rows.turned(4)
    assert (len(rows), rows.place(6)) == (5, 3)


def test_an_image_that_somebody_may_want_has_a_row() -> None:
    def rows(shown: Forest, facts: Facts | None = None) -> list[str]:
        return drawn(Rows(view(shown, set(), facts=facts)))

    assert rows(forest(pinned=frozenset({3}))) == ["1", "│ 3", "└╴4"]
    named = build_forest([BASE, step(2, 1, name="half"), *SITE[1:]])
    assert rows(named) == ["1", "│ 2", "└╴4"]
    kept = Kept(Path("3-abcd"), 3, Way(), 1.0)
    assert rows(forest(), facts=Facts(9.0, unsaved={3: (kept,)})) == [
        "1",
        "└╴3",
        "  ├╴3",  # the state of the step that failed
        "  └╴4",
    ]


def test_steps_that_two_builds_share_are_a_row_above_both() -> None:
    shown = forest(step(5, 3), step(6, 5, name="other"))
    rows = Rows(view(shown, set()))
    assert drawn(rows) == ["1", "└╴3", "  ├╴4", "  └╴6"]
    assert [row.steps for row in rows] == [0, 1, 0, 1]


def test_what_was_made_by_hand_is_no_step() -> None:
    rows = Rows(view(forest(Image(5, 4, own=Usage(1, 1, 1))), set()))
    assert drawn(rows) == ["1", "│ 4", "└╴5"]
    by_hand = build_forest([BASE, Image(2, 1), Image(3, 2), Image(4, 3)])
    assert len(Rows(view(by_hand, set()))) == 4


def test_a_filter_shows_the_step_that_it_finds() -> None:
    def found(needle: str) -> list[str]:
        return drawn(Rows(view(forest(Image(5, 4)), set(), needle=needle)))

    assert found("site") == ["1", "└╴4"]
    assert found("3") == ["1", "└╴3"], "2 is folded into it"
    assert found("5") == ["1", "│ 4", "└╴5"]
    assert found("make") == ["1", "│ 2", "│ 3", "└╴4"]


def test_a_list_has_every_step() -> None:
    assert drawn(Rows(view(forest(), set(), flat=True))) == ["1", "2", "3", "4"]


def test_a_build_is_sorted_by_what_its_row_shows() -> None:
    shown = forest(Image(5, 1, own=Usage(40, 40, 1)))
    for order in (Order.OWN, Order.SUBTREE):
        rows = Rows(view(shown, set(), order))
        assert [row.id for row in rows] == [1, 4, 5], "60 bytes come before 40"


def test_the_row_of_a_build_has_the_bytes_and_the_use_of_all_its_steps() -> None:
    shown, facts = forest(), Facts(9.0, in_use=frozenset({3}))
    seen = view(shown, set(), facts=facts)
    picture = Picture(shown, columns(100, 4), facts, folds=seen.folds)
    text = "".join(
        text for text, _kind in row_cells(Rows(seen)[1], picture, marked=False)
    )
    assert "● └╴▸ site · 3 steps  RUN make" in text
    assert text.count("60 B") == 2, "its own, and what removing it frees"
    row = Rows(seen)[1]
    narrow = Picture(shown, columns(40, 4), facts, folds=seen.folds)
    text = "".join(t for t, _kind in row_cells(row, narrow, marked=False))
    assert "site" in text
    assert len(text) <= 40


def test_a_build_unfolds_and_folds_again() -> None:
    shown = Arrangement()
    shown.take(forest(Image(5, 4)))
    shown.unfold(4)
    assert drawn(shown.rows) == ["1", "│ 2", "│ 3", "│ 4", "└╴5"]
    shown.close_all()
    shown.open_to(4)
    assert drawn(shown.rows) == ["1", "└╴4"]
    shown.unfold(4)
    assert shown.rows.place(3) == 2
    shown.fold(3)
    assert shown.rows.place(3) is None
    shown.open_all()
    assert len(shown.rows) == 5


def test_a_build_stays_unfolded_while_it_grows() -> None:
    shown = Arrangement()
    shown.take(forest())
    shown.unfold(4)
    more = build_forest([BASE, *SITE[:2], step(4, 3), step(5, 4, name="site")])
    shown.take(more)
    assert drawn(shown.rows) == ["1", "│ 2", "│ 3", "│ 4", "└╴5"]


def test_rows_of_random_builds_are_those_made_one_by_one() -> None:
    dice = random.Random(17)
    images = []
    for number in range(1, 300):
        parent = number - 1 if dice.random() < 0.7 else dice.randrange(number)
        made = step(number, parent, dice.randrange(9))
        images.append(made._replace(step=dice.random() < 0.8))
    shown = build_forest(images)
    hidden = set(shown.steps())
    assert len(hidden) > 50
    for needle in ("", "is:leaf", "<3"):
        closed = {n for n in shown.images if dice.random() < 0.3}
        unfolded = {n for n in hidden if dice.random() < 0.3}
        seen = view(shown, closed, Order.OWN, needle, unfolded=unfolded)
        rows = Rows(seen)
        for _ in range(10):
            wanted = [row._replace(steps=0) for row in plainly(seen)]
            assert [row._replace(steps=0) for row in rows] == wanted
            places = {row.id: at for at, row in enumerate(wanted)}
            assert {n: rows.place(n) for n in shown.images} == {
                n: places.get(n) for n in shown.images
            }
            turned = dice.choice([row.id for row in wanted if row.parent])
            closed.symmetric_difference_update({turned})
            rows.turned(turned)


def test_a_hundred_thousand_steps_are_folded_without_recursion() -> None:
    chain = [step(n, n - 1) for n in range(1, 100_001)]
    rows = Rows(view(build_forest(chain), set()))
    assert [(row.id, row.steps) for row in rows] == [(100_000, 99_999)]


def link(image: int, name: str = "") -> Image:
    """An image built on the one before it."""
    return Image(image, image - 1, names=(name,) if name else (), own=Usage(1, 1, 1))


def chain(count: int, *named: int) -> Forest:
    """A chain on 1; the images `named` have names."""
    links = [link(n, "web" if n in named else "") for n in range(2, count + 1)]
    return build_forest([BASE, *links])


def test_the_middle_of_a_long_chain_is_one_row() -> None:
    rows = Rows(view(chain(60), set()))
    assert drawn(rows) == ["1", "│ 59", "└╴60"]
    assert [(row.steps, row.chain) for row in rows] == [
        (0, False),
        (57, True),
        (0, False),
    ]
    assert (rows.place(59), rows.place(2), rows.place(60)) == (1, None, 2)
    assert len(Rows(view(chain(4), set()))) == 4, "two are not many"
    assert [row.id for row in Rows(view(chain(9, 5), set()))] == [1, 4, 5, 8, 9]


def test_a_chain_says_how_many_it_stands_for() -> None:
    shown = chain(6)
    seen = view(shown, set())
    picture = Picture(shown, columns(100, 4), Facts(9.0), folds=seen.folds)
    cells = row_cells(Rows(seen)[1], picture, marked=False)
    text = "".join(text for text, _kind in cells)
    assert text.startswith("   ┆   │ ▸ 4 more  2 … 5 ")
    assert " 4 B" in text, "their layers"
    assert " 5 B" in text, "what removing them frees"


def test_a_root_and_a_step_are_not_in_a_chain() -> None:
    roots = build_forest([Image(1, 0), *(link(n) for n in range(2, 7))])
    assert [row.id for row in Rows(view(roots, set()))] == [1, 5, 6]
    mixed = build_forest([BASE, *SITE, *(link(n) for n in range(5, 10))])
    assert drawn(Rows(view(mixed, set()))) == ["1", "│ 4", "│ 8", "└╴9"]


def test_a_chain_unfolds_and_folds_again() -> None:
    shown = Arrangement()
    shown.take(chain(8))
    assert [row.id for row in shown.rows] == [1, 7, 8]
    shown.unfold(7)
    assert [row.id for row in shown.rows] == [1, 2, 3, 4, 5, 6, 7, 8]
    shown.take(chain(9))
    assert len(shown.rows) == 9, "it stays so while it grows"
    shown.fold(4)
    assert [row.id for row in shown.rows] == [1, 8, 9]


def test_the_rows_of_random_chains_are_what_a_plain_walk_says() -> None:
    dice = random.Random(6)
    images = [BASE]
    for number in range(2, 400):
        parent = number - 1 if dice.random() < 0.9 else dice.randrange(1, number)
        made = step(number, parent, dice.randrange(9))
        images.append(made._replace(step=dice.random() < 0.3))
    shown = build_forest(images)
    assert len(view(shown, set()).folds.chains) > 10
    for needle in ("", "is:leaf", "<3"):
        closed = {n for n in shown.images if dice.random() < 0.1}
        unfolded = {n for n in shown.links() if dice.random() < 0.3}
        seen = view(shown, closed, Order.OWN, needle, unfolded=unfolded)
        rows = Rows(seen)
        wanted = [row._replace(steps=0, chain=False) for row in plainly(seen)]
        assert [row._replace(steps=0, chain=False) for row in rows] == wanted
        places = {row.id: at for at, row in enumerate(wanted)}
        assert {n: rows.place(n) for n in shown.images} == {
            n: places.get(n) for n in shown.images
        }


def test_a_hundred_thousand_links_are_folded_without_recursion() -> None:
    rows = Rows(view(chain(100_000), set()))
    assert [row.id for row in rows] == [1, 99_999, 100_000]
