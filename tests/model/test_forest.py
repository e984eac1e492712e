"""The forest: sizes, orders and lineages of images as plain values."""

from __future__ import annotations

import random

import pytest

from plashui.model.forest import (
    Forest,
    Image,
    Size,
    Usage,
    build_forest,
    lineage_paths,
    paths_below,
)


def image(number: int, parent: int, own: int | None) -> Image:
    usage = None if own is None else Usage(own, own, 1)
    return Image(number, parent, own=usage)


def grove() -> Forest:
    """1 ── 2 ── 4, 1 ── 3, and 9 alone."""
    return build_forest(
        image(*row)
        for row in ((1, 0, 100), (2, 1, 20), (3, 1, 3), (4, 2, 4), (9, 0, 1000))
    )


def test_the_three_sizes_add_up_along_and_across_the_tree() -> None:
    forest = grove()
    assert forest.own(2) == Size(20, True)
    assert forest.chain(4) == Size(124, True)
    assert forest.subtree(1) == Size(127, True)
    assert forest.total() == Size(1127, True)


def test_a_sum_with_an_uncounted_layer_in_it_is_a_lower_bound() -> None:
    forest = build_forest([image(1, 0, 100), image(2, 1, None), image(3, 1, 5)])
    assert forest.subtree(1) == Size(105, False)
    assert forest.subtree(3) == Size(5, True)
    assert forest.chain(2) == Size(100, False)
    assert forest.total() == Size(105, False)
    counted = forest.with_counted({2: image(2, 1, 7), 77: image(77, 0, 1)})
    assert counted.total() == Size(112, True)
    assert forest.own(2) == Size(0, False), "the first value is as it was"


def test_orders_put_parents_first_and_lineages_the_image_itself() -> None:
    forest = grove()
    assert forest.preorder() == [1, 2, 4, 3, 9]
    assert forest.descendants(2) == [2, 4]
    assert forest.lineage(4) == [4, 2, 1]
    assert forest.roots == (1, 9)


def test_an_image_whose_parent_is_missing_is_a_root() -> None:
    forest = build_forest([image(5, 4, 1)])
    assert forest.roots == (5,)
    assert forest.lineage(5) == [5]


def test_a_chain_of_thousands_of_layers_needs_no_recursion() -> None:
    forest = build_forest([image(n, n - 1, 1) for n in range(1, 20_001)])
    assert forest.subtree(1).bytes == 20_000
    assert len(forest.lineage(20_000)) == 20_000


def test_a_label_is_the_name_else_the_origin() -> None:
    forest = build_forest(
        [Image(1, 0, names=("web", "www"), origin="a.tar"), Image(2, 0, origin="b.tar")]
    )
    assert forest.label(1) == "web"
    assert forest.label(2) == "b.tar"


def test_sums_hold_where_a_parent_has_the_greater_id() -> None:
    forest = build_forest([image(9, 0, 1), image(3, 9, 10), image(12, 3, 100)])
    assert forest.subtree(9) == Size(111, True)


def test_the_last_image_that_two_stand_on() -> None:
    #   1 - 2 - 3      5 - 6
    #        \ 4
    parents = {1: 0, 2: 1, 3: 2, 4: 2, 5: 0, 6: 5}
    forest = build_forest([Image(i, parent) for i, parent in parents.items()])
    assert forest.common_ancestor(3, 4) == 2
    assert forest.common_ancestor(4, 1) == forest.common_ancestor(1, 4) == 1
    assert forest.common_ancestor(3, 3) == 3
    assert forest.common_ancestor(3, 6) == forest.common_ancestor(0, 3) == 0
    assert forest.ancestry(3) == [3, 2, 1, 0]


def test_layers_counted_one_by_one_give_the_sums_of_all_counted_at_once() -> None:
    dice = random.Random(7)
    rows = [(n, dice.randrange(n) if n % 9 else 0) for n in range(1, 400)]
    usages = {n: Usage(dice.randrange(10**6), 0, 1) for n, _parent in rows}
    at_once = build_forest(Image(n, p, own=usages[n]) for n, p in rows)
    forest = build_forest(image(n, p, None) for n, p in rows)
    forest.total()
    waiting = list(usages)
    dice.shuffle(waiting)
    while waiting:
        batch, waiting = waiting[:37], waiting[37:]
        forest = forest.with_counted(
            {n: forest.images[n]._replace(own=usages[n]) for n in batch}
        )
        anew = Forest(dict(forest.images))
        for n in usages:
            assert forest.subtree(n) == anew.subtree(n)
        assert forest.total() == anew.total()
    assert forest.total() == at_once.total()
    again = forest.with_counted({1: forest.images[1]._replace(own=Usage(5, 5, 1))})
    assert again.total().bytes == at_once.total().bytes - usages[1].allocated + 5


def test_a_subtree_counts_its_images() -> None:
    forest = grove()
    assert [forest.count(n) for n in (1, 2, 3, 4, 9)] == [4, 2, 1, 1, 1]
    moved = build_forest([image(9, 0, 1), image(3, 9, 1), image(4, 3, 1)])
    assert moved.count(9) == 3
    assert moved.subtree(9).bytes == 3, "a parent may have a greater id"


def test_an_image_that_is_not_there_has_no_place() -> None:
    for paths in (lineage_paths, paths_below):
        with pytest.raises(KeyError):
            paths(grove(), 99)
