"""Words are quoted and split as shlex does it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.base.shell_words import quote, split
from tests.recipes.drawn import DRAWN

TEXT = st.text(st.sampled_from([*"ab-$=./'\"\\ \t\n\x0b#~é\u2003\x1f"]), max_size=12)


@DRAWN
@given(TEXT)
def test_a_word_is_quoted_as_by_shlex(word: str) -> None:
    assert quote(word) == shlex.quote(word)
    assert shlex.split(quote(word)) == [word]


@DRAWN
@given(TEXT)
def test_a_line_is_split_as_by_shlex(line: str) -> None:
    try:
        expected = shlex.split(line)
    except ValueError:
        with pytest.raises(ValueError, match="No "):
            split(line)
        return
    assert split(line) == expected
