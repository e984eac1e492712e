"""Patterns of COPY, and of ignore files."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.recipes.context.patterns import (
    Ignored,
    PatternError,
    ignore_patterns,
    is_wild,
    name_pattern,
)
from tests.recipes.drawn import DRAWN

NASTY = st.text(alphabet="*?[]^-!\\/ab.#\n ", max_size=12)


@pytest.mark.parametrize(
    ("pattern", "matches", "others"),
    [
        ("*.txt", ("a.txt", ".txt"), ("a.txt.x", "atxt")),
        ("a?", ("ab", "a."), ("a", "abc")),
        ("*a*b*", ("ab", "xaxbx", "bab"), ("ba", "b")),
        ("a*b*b", ("abb", "abxb", "abbb"), ("ab",)),
        ("[a-c]x", ("ax", "cx"), ("dx", "[a-c]x")),
        ("[^a-c]x", ("dx",), ("ax", "x")),
        ("[[]0]", ("[0]",), ("0",)),
        ("\\*", ("*",), ("a",)),
        ("[\\]]", ("]",), ("\\",)),
        ("a.b(c)+", ("a.b(c)+",), ("axb(c)+",)),
    ],
)
def test_a_pattern_matches_whole_names(
    pattern: str, matches: tuple[str, ...], others: tuple[str, ...]
) -> None:
    shape = name_pattern(pattern)
    assert all(shape.fullmatch(one) for one in matches)
    assert not any(shape.fullmatch(one) for one in others)


def test_a_backslash_takes_the_meaning_away() -> None:
    assert is_wild("a*")
    assert not is_wild("a\\*b\\[")


@pytest.mark.parametrize(
    ("lines", "ignored", "kept"),
    [
        ("# c\n\n a.txt \n", ("a.txt", "a.txt/b"), ("b/a.txt", "# c")),
        ("/a\n./b/\nc/../d\n", ("a", "b", "b/x", "d"), ("c",)),
        ("*.o\n", ("x.o",), ("d/x.o",)),
        ("*/*.o\n", ("d/x.o",), ("x.o", "d/e/x.o")),
        ("**/*.o\n", ("x.o", "d/x.o", "d/e/x.o"), ("x.oo",)),
        ("**/foo\n", ("foo", "a/foo", "a/foo/b"), ("afoo",)),
        ("a/**\n", ("a/b", "a/b/c"), ("a", "ab")),
        ("a/**/b\n", ("a/b", "a/x/b", "a/x/y/b"), ("a/xb",)),
        ("**\n!a\n", ("b", "b/c"), ("a", "a/x")),
        ("*\n!a/b\n", ("a", "a/c", "x"), ("a/b", "a/b/c")),
        ("a\n!a/b\na/b/c\n", ("a/x", "a/b/c"), ("a/b", "a/b/d")),
        ("!a\na\n", ("a",), ("b",)),
        ("d[0-9]\n", ("d1",), ("dx", "d10")),
        ("\\#x\n", ("#x",), ()),
    ],
)
def test_an_ignore_file_means_what_it_means_to_docker(
    lines: str, ignored: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    rules = Ignored(ignore_patterns(lines.encode()))
    assert [one for one in ignored if not rules(one)] == []
    assert [one for one in kept if rules(one)] == []


def test_what_may_be_kept_in_an_ignored_directory_is_known() -> None:
    rules = Ignored(["*", "!a/b/*.c", "!d"])
    assert rules.keeps_within("a")
    assert rules.keeps_within("a/b")
    assert rules.keeps_within("d")
    assert not rules.keeps_within("x")
    assert not rules.keeps_within("a/x")


@pytest.mark.parametrize("pattern", ["!", "[", "a[b", "[]", "[a-]", "a\\", "[-a]"])
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        Ignored([f"*{pattern}" if pattern != "!" else "!"])


@DRAWN
@given(st.lists(NASTY, max_size=4), NASTY)
def test_any_pattern_matches_or_is_refused(patterns: list[str], path: str) -> None:
    try:
        rules = Ignored(patterns)
        shapes = [name_pattern(one) for one in patterns]
    except PatternError as error:
        assert str(error)  # noqa: PT017
        return
    rules(path)
    rules.keeps_within(path)
    assert all(isinstance(shape, re.Pattern) for shape in shapes)
