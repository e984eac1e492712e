"""Words: what a command line or a file says."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.base.errors import PlashError
from plashui.recipes.macros.compile import Recipe
from plashui.recipes.words import from_text, from_words
from tests.recipes.drawn import DRAWN


def said(text: str) -> list[tuple[str, ...]]:
    return [(macro.name, *macro.args) for macro in from_text(text, "plashfile")]


def test_a_word_with_a_dash_is_a_macro_and_the_others_are_its_arguments() -> None:
    found = from_words(["--from", "a", "-xl", "--run", "echo b", "c", "--", "-"])
    assert [(macro.name, *macro.args) for macro in found][:4] == [
        ("from", "a"),
        ("x",),
        ("l",),
        ("run", "echo b", "c"),
    ]


def test_the_last_of_several_letters_takes_the_arguments() -> None:
    assert [(m.name, *m.args) for m in from_words(["-lx", "id"])] == [
        ("l",),
        ("x", "id"),
    ]


def test_a_file_has_one_word_on_a_line() -> None:
    text = (
        "#!/usr/bin/env plash-exec\n--from debian\n\n--run\necho 'a  b'\n  indented\n"
    )
    assert said(text) == [("from", "debian"), ("run", "echo 'a  b'", "  indented")]


def test_a_line_with_a_dash_is_split_as_a_shell_does_it() -> None:
    assert said("--run 'echo a b' c --apt git") == [
        ("run", "echo a b", "c"),
        ("apt", "git"),
    ]


def test_comments_and_escapes() -> None:
    text = "--write-file /f\none\n--# a comment\n--\\ --two\n--\\\n--\\\n"
    assert said(text) == [("write-file", "/f", "one", "--two", "", "")]


def test_each_argument_knows_its_line() -> None:
    (macro,) = from_text("\n--run\na\n\nb\n", "f")
    assert [str(at) for _line, at in macro.lines] == ["f, line 3", "f, line 5"]
    assert str(macro.at) == "f, line 2"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("apt\n", "plashfile, line 1: 'apt' comes before any macro"),
        ("--run 'a\n", "plashfile, line 1: cannot split"),
    ],
)
def test_an_error_names_file_and_line(text: str, error: str) -> None:
    with pytest.raises(PlashError, match=error):
        said(text)


LINES = st.sampled_from(
    [
        *(
            "--from x",
            "--run",
            "-x",
            "-xl",
            "--",
            "-",
            "--# a",
            "--\\",
            "--\\ -a",
            "-l",
        ),
        *("--eval-string '--run a'", "--layer apt", "--apt", "--env A=1", "--env", "A"),
        *(
            "--defpm o 'o {}'",
            "--o a",
            "--write-file /f",
            "--copy a b",
            "--label =",
            "",
        ),
        *(
            "'",
            '"',
            "\\",
            "a b",
            "#!/x",
            "\t",
            "\r",
            "\0",
            "é\u200b",
            "\udcff",
            "-é",
            "  -x",
        ),
        *("--mount a:b", "--mount /a:/home", "--hint use-env A", "--hint", "--user"),
        *("--entrypoint-script", "--import-env A:1", "--import-env PATH", "-AU", "-D"),
        *("--eval-string \"--eval-string '", "--from-id x", "--reset-imports", "----x"),
    ]
)


@DRAWN
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_any_file_of_words_is_a_plan_or_is_refused_with_its_line(text: str) -> None:
    try:
        macros = from_text(text, "f")
        recipe = Recipe("/nowhere", bytes, "f")
        recipe.eval(macros)
        for step in recipe.plan().stages[-1].steps({"Env": ["A=b"], "Labels": None}):
            assert "\n" not in step.shown
    except PlashError as error:
        said = str(error)
        assert said.startswith(("f, line ", "f: no image to build on")), said


@DRAWN
@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_words_are_macros_or_are_refused(words: list[str]) -> None:
    recipe = Recipe("/nowhere", bytes)
    with contextlib.suppress(PlashError):
        recipe.eval(from_words(words))
        recipe.scripts()


@DRAWN
@given(st.lists(st.text(max_size=8).filter(lambda text: "\0" not in text), max_size=5))
def test_an_argument_that_is_escaped_comes_as_it_is(arguments: list[str]) -> None:
    lines = [f"--\\ {one}" if one else "--\\" for one in arguments]
    (macro,) = from_words(["--run", *lines])
    assert list(macro.args) == arguments
    flat = [one for one in arguments if "\n" not in one and "\r" not in one]
    text = "\n".join(["--run", *(f"--\\ {one}" if one else "--\\" for one in flat)])
    (macro,) = from_text(text)
    assert list(macro.args) == flat
