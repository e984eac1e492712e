"""Words: what a command line or a file says."""

from __future__ import annotations

import pytest

from plashui.base.errors import PlashError
from plashui.recipes.words import from_text, from_words


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
