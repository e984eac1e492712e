"""Variables and quotes in the words of a Containerfile."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.recipes.containerfile.expand import (
    ExpansionError,
    expand,
    expand_words,
    split,
)
from tests.recipes.drawn import DRAWN

VALUES = {"A": "one", "EMPTY": "", "B": "two words", "PATH": "/usr/bin:/bin", "1": "x"}
NASTY = st.text(alphabet="$'\"\\{}:-+?#%/AB* \t<é\x00", max_size=30)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("$A", "one"),
        ("${A}b", "oneb"),
        ("$Ab", ""),
        ("$A-b", "one-b"),
        ("'$A'", "$A"),
        ('"$A"', "one"),
        (r"\$A", "$A"),
        (r"\\$A", r"\one"),
        (r'"\$A \n \" \\"', r'$A \n " ' + "\\"),
        (r"'\$A'", r"\$A"),
        (r"a\ b", "a b"),
        ("${NO:-d}", "d"),
        ("${NO-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${A:-d}", "one"),
        ("${A:+d}", "d"),
        ("${EMPTY:+d}", ""),
        ("${EMPTY+d}", "d"),
        ("${NO+d}", ""),
        ("${NO:-${A:+${B}}}", "two words"),
        ('${NO:-"a}b"}', "a}b"),
        (r"${NO:-a\}b}", "a}b"),
        ("${PATH#*/}", "usr/bin:/bin"),
        ("${PATH##*/}", "bin"),
        ("${PATH%/*}", "/usr/bin:"),
        ("${PATH%%/*}", ""),
        ("${PATH%:*}", "/usr/bin"),
        ("${PATH/bin/lib}", "/usr/lib:/bin"),
        ("${PATH//bin/lib}", "/usr/lib:/lib"),
        ("${PATH//b?n/x}", "/usr/x:/x"),
        ("${PATH#*/*n}", ":/bin"),
        ("${PATH##*/*i}", "n"),
        ("${PATH%i*n}", "/usr/bin:/b"),
        ("${PATH%%i*n}", "/usr/b"),
        ("${PATH/r*b/x}", "/usxin"),
        ("${PATH%*}", "/usr/bin:/bin"),
        ("${PATH%%*}", ""),
        (r"${PATH//\//-}", "-usr-bin:-bin"),
        ("$", "$"),
        ("a$", "a$"),
        ("$ A", "$ A"),
        ("$1", "x"),
        ("$@", ""),
        ("$(A)", "$(A)"),
        ("a\\", "a"),
        ("<<EOF", "<<EOF"),
    ],
)
def test_a_word_means_what_it_means_to_docker(text: str, meaning: str) -> None:
    assert expand(text, VALUES.get) == meaning


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("'a", "single quote"),
        ('"a', "double quote"),
        ("${A", "known"),
        ("${", "'}' is missing"),
        ("${}", "name of a variable"),
        ("${:-a}", "name of a variable"),
        ("${A:x}", "not known"),
        ("${A!}", "not known"),
        ("${NO:?say what}", "NO: say what"),
        ("${EMPTY:?}", "EMPTY: empty"),
        ("${A:-b", "'}' is missing"),
        ("${A/b}", "'/' is missing"),
        (r"${A#\b}", "means nothing"),
        ("${A:-" * 200, "too many"),
    ],
)
def test_a_mistake_is_named(text: str, why: str) -> None:
    with pytest.raises(ExpansionError, match=why):
        expand(text, VALUES.get)


def test_many_stars_take_no_time() -> None:
    values = {"A": "a" * 2000}.get
    for how in ("#", "##", "%", "/"):
        end = "/x" if how == "/" else ""
        assert expand(f"${{A{how}{'*a' * 30}b{end}}}", values) == "a" * 2000


def test_only_a_variable_without_quotes_is_split() -> None:
    assert expand_words("$B \"$B\" a'b c'", VALUES.get) == [
        *("two", "words", "two words", "ab c")
    ]


def test_quotes_keep_words_together_and_stay() -> None:
    assert split("""a='b c' d="e \\" f" g\\ h  i""") == [
        *("a='b c'", 'd="e \\" f"', "g\\ h", "i")
    ]


def test_another_escape_leaves_backslashes() -> None:
    assert expand("C:\\x`$A", VALUES.get, "`") == "C:\\x$A"


def test_a_heredoc_keeps_its_quotes() -> None:
    assert expand("'$A' \"$B\"", VALUES.get, quotes=False) == "'one' \"two words\""


@DRAWN
@given(NASTY)
def test_any_text_has_a_meaning_or_an_error(text: str) -> None:
    split(text)
    for function in (expand, expand_words):
        with suppress(ExpansionError):
            function(text, VALUES.get)
