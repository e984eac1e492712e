"""The filter's language, on plain values."""

from __future__ import annotations

import pytest

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.store.activity import Facts
from plashui.ui.model.images.filter import matching, parse, split

DAY = 86_400.0
NOW = 1000 * DAY
FACTS = Facts(NOW, {2: NOW - 3 * DAY, 9: NOW - 40 * DAY}, frozenset({9}))


def forest() -> Forest:
    """1 debian carries 2 and 3, 3 carries 4; 9 alpine stands alone and is pinned."""
    rows = (
        (1, 0, ("base",), "debian-12.tar", 200, 90),
        (2, 1, (), "apt install git", 1000, 20),
        (3, 1, ("Web",), "shell", 3_000_000, 5),
        (4, 3, ("Web-git",), "", 5, None),
        (9, 0, ("alpine",), "alpine-3.20.tar", 8_000, 1),
    )
    made = build_forest(
        Image(
            number,
            parent,
            names=names,
            origin=origin,
            created=None if days is None else NOW - days * DAY,
            own=Usage(size, size, 1),
        )
        for number, parent, names, origin, size, days in rows
    )
    return Forest(made.images, frozenset({9}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {1, 2, 3, 4, 9}),
        ("WEB", {3, 4}),
        ("4", {4}),
        ("git", {2, 4}),
        ("git web", {4}),
        ('"install git"', {2}),
        ('git "apt in', {2}),
        ("install git", {2}),
        (">1k", {3, 9}),
        (">1MB", {3}),
        ("<1k", {1, 4}),
        ("<1kib >100", {1, 2}),
        ("sub>3M", {1, 3}),
        ("sub<1k", {4}),
        ("age>30d", {1}),
        ("AGE<2w", {3, 9}),
        ("last-used>2w", {1, 3, 4}),
        ("last-used<1w", {2, 9}),
        ("is:running", {9}),
        ("is:never-used", {1, 3, 4}),
        ("is:pinned", {9}),
        ("IS:Named", {1, 3, 4, 9}),
        ("is:leaf", {2, 4, 9}),
        ("os:debian", {1, 2, 3, 4}),
        ("os:debian is:leaf git", {2, 4}),
        ("os:alpine", {9}),
        ("http://x>5", set()),
    ],
)
def test_words_find(text: str, found: set[int]) -> None:
    assert matching(forest(), text, FACTS) == found
    assert not parse(text).trouble


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (">", "> needs a size, e.g. 500M"),
        ("sub<", "sub< needs a size, e.g. 500M"),
        ("age>", "age> needs a time, e.g. 30d"),
        (">5x", "'5x' is not a size"),
        (">-1", "'-1' is not a size"),
        ("age>30", "'30' is not a span of time"),
        ("last-used<1fortnight", "'1fortnight' is not a span of time"),
        ("is:", "is: is not a state (known: running, never-used, pinned, named, leaf)"),
        (
            "is:big",
            "is:big is not a state (known: running, never-used, pinned, named, leaf)",
        ),
        (
            "is:used",
            "is:used is not a state "
            "(known: running, never-used, pinned, named, leaf). Say is:running",
        ),
        (
            "is:unused",
            "is:unused is not a state "
            "(known: running, never-used, pinned, named, leaf). Say is:never-used",
        ),
        ("used>30d", "used> is not a word. Say last-used>"),
        ("Used<2w", "Used< is not a word. Say last-used<"),
        ("os:", "os: needs a word, e.g. os:debian"),
    ],
)
def test_what_is_not_understood_is_told_and_hides_nothing(
    text: str, trouble: str
) -> None:
    assert parse(text).trouble.startswith(trouble)
    assert matching(forest(), text, FACTS) == {1, 2, 3, 4, 9}
    assert matching(forest(), f"git {text}", FACTS) == {2, 4}, "the rest holds"


def test_what_depends_on_sizes_says_so() -> None:
    assert parse("git sub>1").by_size
    assert parse("<5k").by_size
    assert not parse('git age>1d ">5"').by_size


def test_words_in_quotes_are_one() -> None:
    assert split('a "b c" d"e') == [("a", False), ("b c", True), ("d", False), ("e", 1)]
    assert split("  ") == []


def test_a_distribution_is_what_the_nearest_layer_with_one_names() -> None:
    systems = {1: "Debian GNU/Linux 12", 2: "", 9: "BusyBox"}

    def found(needle: str) -> set[int]:
        return matching(forest(), needle, Facts(NOW, systems=systems))

    assert found("os:gnu/linux") == found("os:debian") == {1, 2, 3, 4}
    assert found("os:alpine") == set(), "whatever it is called"
    assert found("os:busybox") == {9}
    systems[3] = "Debian GNU/Linux 13"
    assert found("os:12") == {1, 2}
    assert found("os:13") == {3, 4}


def test_what_is_not_counted_is_neither_big_nor_small() -> None:
    half = build_forest([Image(1, 0), Image(2, 1, own=Usage(50, 50, 1))])
    assert matching(half, ">0") == {2}
    assert matching(half, "<1G") == {2}
    assert matching(half, "sub>49") == {1, 2}
