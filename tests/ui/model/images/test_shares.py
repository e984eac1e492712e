"""What fills the store, as values."""

from __future__ import annotations

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.ui.model.images.shares import COLUMNS, parts, shares, widths

DAY = 86_400.0
NOW = 100 * DAY


def forest() -> Forest:
    """Two Debians with three images, an Alpine, and something without a name."""
    return build_forest(
        [
            Image(1, 0, own=Usage(100, 0, 1), created=0.0),
            Image(2, 1, own=Usage(30, 0, 1), created=90 * DAY),
            Image(3, 0, own=Usage(5, 0, 1), created=50 * DAY),
            Image(4, 0, own=Usage(7, 0, 1), created=99 * DAY),
            Image(5, 0, names=("reg.example.org/my/tool:2",), own=Usage(1, 0, 1)),
        ]
    )


SYSTEMS = {1: "Debian GNU/Linux 12", 3: "Debian GNU/Linux 11", 4: "Alpine Linux v3.20"}


def test_trees_of_one_distribution_are_one_group_and_their_sum_is_all() -> None:
    found = shares(forest(), SYSTEMS, NOW)
    assert [(g.name, g.bytes) for g in found.groups] == [
        ("debian", 135),
        ("alpine", 7),
        ("tool", 1),
    ]
    assert sum(group.bytes for group in found.groups) == forest().total().bytes
    assert len({group.hue for group in found.groups}) == 3, "a colour for each"
    assert found.hues.of(2) == found.hues.of(3) == found.groups[0].hue
    assert found.largest == 100


def test_growth_comes_from_the_dates_of_the_images() -> None:
    found = shares(forest(), SYSTEMS, NOW)
    assert found.lately == 37, "in the last thirty days"
    assert len(found.growth) == COLUMNS
    assert (found.growth[0], found.growth[-1]) == (101, 143)
    assert list(found.growth) == sorted(found.growth)
    young = build_forest([Image(1, 0, own=Usage(9, 0, 1), created=NOW)])
    assert shares(young, {}, NOW).growth == (), "all of one moment is no growth"


def test_a_chain_of_ten_thousand_has_the_colour_of_its_root() -> None:
    chain = build_forest(Image(i, i - 1) for i in range(1, 10_001))
    assert shares(chain, {1: "Debian"}, NOW).hues.of(10_000) == 0


def test_the_stretches_of_the_bar_fill_it_and_each_is_seen() -> None:
    for amounts in ([10**9, 1], [1, 1, 1], [5], [10**12, 1, 1, 10**11]):
        for width in (10, 77, 158):
            cells = widths(amounts, width)
            assert sum(cells) == width
            assert min(cells) >= 1
    assert widths([1, 2, 3], 2) == [1, 1, 0]
    assert widths([1, 2], -1) == [0, 0]


def test_the_rest_is_named_only_if_one_can_see_it() -> None:
    groups = shares(forest(), SYSTEMS, NOW).groups
    names = [part.name for part in parts(groups, 9, None, 1)]
    assert names == ["debian", "alpine", "tool", "trash"]
    names = [part.name for part in parts(groups, 0, 0, 100)]
    assert names == ["debian", "alpine", "tool", "unsaved", "other"]
