"""What a shrink takes, on every small forest there is and on many bigger ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

import pytest

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.operations.shrink import Shrink, Wish, plan_shrink
from plashui.store.activity import Facts

DAY = 86400.0
NOW = 1000 * DAY
HALF = Wish()
ALL = Wish(to=0)


def forest_of(
    parents: tuple[int, ...],
    pinned: frozenset[int] = frozenset(),
    named: frozenset[int] = frozenset(),
    created: dict[int, float | None] | None = None,
) -> Forest:
    """Images 1, 2, 3 … that stand on these; image N takes 10 ** (N - 1) bytes."""
    trees = build_forest(
        Image(
            number,
            parent,
            names=(f"name-{number}",) if number in named else (),
            created=(created or {}).get(number, 0.0),
            own=Usage(10 ** (number - 1), 0, 0),
        )
        for number, parent in enumerate(parents, 1)
    )
    return Forest(trees.images, pinned)


def every_forest(most: int) -> Iterator[tuple[int, ...]]:
    """The parents of 1, 2, … in each forest of up to `most` images."""
    for count in range(most + 1):
        yield from product(*(range(number) for number in range(1, count + 1)))


def subsets(count: int) -> Iterator[frozenset[int]]:
    for bits in range(1 << count):
        yield frozenset(n for n in range(1, count + 1) if bits >> (n - 1) & 1)


def naive(forest: Forest, stay: frozenset[int], most: int) -> list[int]:
    """The old program's words: find the lowest leaf of all, remove it, look again."""
    left = dict(forest.images)
    gone: list[int] = []
    while len(gone) < most:
        parents = {image.parent for image in left.values()}
        leaves = [n for n in left if n not in parents and n not in stay]
        if not leaves:
            break
        gone.append(min(leaves))
        del left[gone[-1]]
    return gone


def check(forest: Forest, found: Shrink, stay: frozenset[int]) -> None:
    """What holds of every plan."""
    gone = set(found.images)
    assert len(gone) == len(found.images), "each goes once"
    kept = set(forest.images) - gone
    for image in stay:
        assert not gone.intersection(forest.lineage(image)), "nor what it stands on"
    at = {image: when for when, image in enumerate(found.images)}
    for image in gone:
        for child in forest.images[image].children:
            assert at[child] < at[image], "a leaf when its turn comes"
    freed = 0
    for step in found.steps:
        freed += step.bytes
        assert step.freed == freed
        assert step.bytes == forest.own(step.image).bytes
    assert found.freed == freed
    assert found.before == forest.total().bytes
    assert found.after == sum(forest.own(image).bytes for image in kept)


def test_half_is_as_in_the_old_program_on_every_forest_of_six() -> None:
    for parents in every_forest(6):
        forest = forest_of(parents)
        found = plan_shrink(forest, HALF, Facts(NOW))
        check(forest, found, frozenset())
        half = -(-len(parents) // 2)
        assert list(found.images) == naive(forest, frozenset(), half)
        assert len(found.images) == half
        assert not found.short


@pytest.mark.parametrize("why", ["pinned", "in_use", "named"])
def test_what_is_kept_stays_with_all_it_stands_on_on_every_forest_of_five(
    why: str,
) -> None:
    for parents in every_forest(5):
        for stay in subsets(len(parents)):
            forest = forest_of(
                parents,
                pinned=stay if why == "pinned" else frozenset(),
                named=stay if why == "named" else frozenset(),
            )
            in_use = stay if why == "in_use" else frozenset()
            half = -(-len(parents) // 2)
            for wish, most in ((HALF, half), (ALL, len(parents))):
                found = plan_shrink(forest, wish, Facts(NOW, in_use=in_use))
                check(forest, found, stay)
                assert list(found.images) == naive(forest, stay, most)
                assert found.short == (len(found.images) < most)
                assert set(getattr(found, why)) == stay


def test_down_to_a_size_takes_no_image_more_than_it_must() -> None:
    for parents in every_forest(5):
        forest = forest_of(parents)
        total = forest.total().bytes
        everything = naive(forest, frozenset(), len(parents))
        for wanted in {0, 1, total - 1, total, total + 1, total // 2, total // 11}:
            found = plan_shrink(forest, Wish(to=max(0, wanted)), Facts(NOW))
            check(forest, found, frozenset())
            assert list(found.images) == everything[: len(found.images)]
            assert not found.short
            assert found.after <= max(0, wanted)
            if found.steps:
                last = forest.own(found.images[-1]).bytes
                assert found.after + last > wanted, "without the last it was not enough"


def test_big_forests_with_all_reasons_at_once() -> None:
    rng = random.Random(4)
    for _round in range(150):
        count = rng.randrange(1, 80)
        parents = tuple(rng.randrange(number) for number in range(1, count + 1))
        some = [frozenset(rng.sample(range(1, count + 1), count // 9)) for _ in "123"]
        pinned, named, in_use = some
        created = {n: rng.choice([None, rng.uniform(0, NOW)]) for n in range(1, count)}
        forest = forest_of(parents, pinned, named, created)
        used = {n: rng.uniform(0, NOW) for n in range(1, count) if rng.random() < 0.3}
        wish = Wish(
            to=rng.choice([None, None, rng.randrange(forest.total().bytes + 1)]),
            older=rng.choice([None, 300 * DAY]),
            unused=rng.choice([None, 200 * DAY]),
            names=rng.random() < 0.5,
        )
        found = plan_shrink(forest, wish, Facts(NOW, used, in_use))
        stay = pinned | in_use | (frozenset() if wish.names else named)
        check(forest, found, stay)
        for image in found.images:
            born = forest.images[image].created
            times = [at for at in (born, used.get(image)) if at is not None]
            if wish.older is not None:
                assert born is not None
                assert NOW - born > wish.older
            if wish.unused is not None:
                assert NOW - max(times) > wish.unused
        again = plan_shrink(forest, wish, Facts(NOW, used, in_use))
        assert again == found, "the same facts give the same plan"


def test_only_what_is_older_goes_and_all_of_that() -> None:
    # 1 ── 2 ── 3, 1 ── 4, and 5 alone; 3 and 5 are young, of 4 nothing is known.
    created = {1: 0.0, 2: 0.0, 3: NOW - DAY, 4: None, 5: NOW - 31 * DAY}
    forest = forest_of((0, 1, 2, 1, 0), created=created)
    found = plan_shrink(forest, Wish(older=30 * DAY), Facts(NOW))
    assert found.images == (5,), "2 carries a young one, and of 4 it is not known"
    assert not found.short
    forest = forest_of((0, 1, 2, 1, 0), created={**created, 3: 0.0, 4: 0.0})
    found = plan_shrink(forest, Wish(older=30 * DAY), Facts(NOW))
    assert found.images == (3, 2, 4, 1, 5), "not half of them, but all that are old"


def test_what_was_never_used_counts_from_when_it_was_made() -> None:
    old, new = NOW - 20 * DAY, NOW - 2 * DAY
    created = {1: old, 2: old, 3: new, 4: None, 5: None}
    forest = forest_of((0, 0, 0, 0, 0), created=created)
    used = {1: new, 5: old}
    found = plan_shrink(forest, Wish(unused=14 * DAY), Facts(NOW, used))
    assert found.images == (2, 5), "of 4 nothing is known"


def test_a_use_before_it_was_made_is_somebody_elses() -> None:
    forest = forest_of((0,), created={1: NOW - DAY})
    facts = Facts(NOW, {1: NOW - 99 * DAY})
    assert plan_shrink(forest, Wish(unused=14 * DAY), facts).images == ()


def test_named_ones_may_go_too_but_neither_pinned_nor_used_ones() -> None:
    forest = forest_of(
        (0, 0, 0, 0), pinned=frozenset({2}), named=frozenset({1, 2, 3, 4})
    )
    facts = Facts(NOW, in_use=frozenset({3}))
    assert plan_shrink(forest, ALL._replace(names=True), facts).images == (1, 4)
    kept = plan_shrink(forest, ALL, facts)
    assert kept.images == ()
    assert (kept.pinned, kept.in_use, kept.named) == ((2,), (3,), (1, 4))


def test_what_an_image_takes_beside_its_layer_is_freed_with_it() -> None:
    forest = forest_of((0, 1))
    found = plan_shrink(forest, Wish(to=5), Facts(NOW), lambda image: 1000 * image)
    assert [step.bytes for step in found.steps] == [2010]
    assert found.after == 1, "the goal is about the layers"


def test_a_chain_of_thousands_is_planned_in_no_time() -> None:
    count = 20_000
    images = [Image(n, n - 1, own=Usage(1, 1, 1)) for n in range(1, count + 1)]
    found = plan_shrink(build_forest(images), HALF, Facts(NOW))
    assert found.images == tuple(range(count, count // 2, -1))


def test_an_empty_store_has_nothing_to_take() -> None:
    found = plan_shrink(Forest({}), HALF, Facts(NOW))
    assert (found.images, found.freed, found.short) == ((), 0, False)
