"""Sizes, ages, durations and counts: in few digits, and read as people write them."""

from __future__ import annotations

import pytest

from plashui.base.errors import PlashError
from plashui.base.units import (
    age,
    duration,
    parse_size,
    parse_span,
    plural,
    size,
    spoken_age,
)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_960, "10 kB"),
        (162_400_000, "162 MB"),
        (999_600, "1 MB"),
        (1_900_000_000, "1.9 GB"),
        (4 * 10**18, "4.0 EB"),
    ],
)
def test_sizes_have_at_most_three_digits(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (61, "1 min"),
        (7200, "2 h"),
        (9 * 86400, "9 d"),
        (200 * 86400, "6 mo"),
        (1000 * 86400, "2 y"),
    ],
)
def test_ages_are_in_their_largest_unit(seconds: float, shown: str) -> None:
    assert age(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 seconds"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (45 * 86400, "45 days"),
        (400 * 86400, "13 months"),
        (731 * 86400, "2 years"),
    ],
)
def test_an_age_that_is_spoken_is_the_same_with_its_unit_as_a_word(
    seconds: float, shown: str
) -> None:
    assert spoken_age(seconds) == shown
    assert age(seconds).split()[0] == shown.split()[0]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.2, "1 s"), (125, "2 min 5 s"), (3780, "1 h 3 min"), (7200, "2 h")],
)
def test_a_time_to_wait_is_in_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_plurals() -> None:
    assert plural(1, "image") == "1 image"
    assert plural(10_000, "image") == "10,000 images"


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("4096", 4096),
        ("0", 0),
        ("7B", 7),
        ("500M", 500_000_000),
        ("10G", 10_000_000_000),
        ("10 gb", 10_000_000_000),
        ("1.5GB", 1_500_000_000),
        ("2GiB", 2 * 1024**3),
        ("3k", 3000),
        ("1T", 10**12),
    ],
)
def test_a_size_is_read_as_people_write_it(word: str, count: int) -> None:
    assert parse_size(word) == count


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1_900_000, 162_000_000, 10**18])
def test_a_size_that_was_shown_can_be_typed_again(count: int) -> None:
    shown = size(count)
    assert size(parse_size(shown)) == shown


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("30d", 30 * 86400),
        ("2w", 14 * 86400),
        ("12h", 43200),
        ("1.5h", 5400),
        ("90min", 5400),
        ("45 s", 45),
        ("1y", 365.25 * 86400),
        ("2MO", 2 * 30.44 * 86400),
    ],
)
def test_a_span_of_time_is_read_as_people_write_it(word: str, seconds: float) -> None:
    assert parse_span(word) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "word", ["", "G", "-1", "1e3", "10 X", "1,5G", "inf", "nan", "1G2", "٣G", "9" * 40]
)
def test_what_is_not_a_size_is_refused_with_an_example(word: str) -> None:
    with pytest.raises(PlashError, match=r"is not a size.* For example 10G"):
        parse_size(word)


@pytest.mark.parametrize("word", ["", "30", "d", "30m", "-1d", "1 fortnight", "٣d"])
def test_what_is_not_a_span_of_time_is_refused_with_an_example(word: str) -> None:
    with pytest.raises(PlashError, match=r"is not a span of time.* For example 30d"):
        parse_span(word)
