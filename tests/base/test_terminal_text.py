"""Text for a terminal: harmless, aligned, of few words."""

from __future__ import annotations

import pytest

from plashui.base.terminal_text import bar, clean, some


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain name-1.2", "plain name-1.2"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines\ttab", "two\\nlines\\ttab"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        (b"caf\xe9", "caf\\xe9"),
        ("caf\udce9", "caf\\xe9"),
        ("Grüße 東京", "Grüße 東京"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 3),
    ],
)
def test_what_a_terminal_could_act_on_is_shown_escaped(
    raw: str | bytes, shown: str
) -> None:
    assert clean(raw) == shown


def test_no_byte_or_character_gets_through_as_a_control() -> None:
    raw = "".join(map(chr, range(0x3000))) + "\ud800\ufeff\ufff9"
    for char in clean(raw):
        assert char.isprintable(), hex(ord(char))
    clean(raw).encode("utf-8")
    assert clean(bytes(range(256))).isprintable()


def test_bars_keep_their_width() -> None:
    for fraction in (-1, 0, 0.01, 0.5, 0.99, 1, 7):
        assert len(bar(fraction, 8)) == 8
        assert len(bar(fraction, 8, 0.5)) == 8
    assert bar(1, 3) == "███"
    assert (bar(0.3, 4, 0.8), bar(0.9, 4, 0.2)) == ("█▎░ ", "███▋")


def test_of_many_words_the_first_are_told_and_how_many_more() -> None:
    assert some([], 10) == ""
    assert some(["one", "two"], 10) == "one, two"
    assert some(["one", "two", "three"], 10) == "one, two and 1 more"
    assert some(["x" * 20, "y"], 10) == "xxxxxxxxx… and 1 more"
    assert some(map(str, range(10_000)), 8) == "0, 1 and 9,998 more"
