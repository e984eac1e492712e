"""The words after a verb: none is empty, and a dash does not make one an option."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import pytest

from plashui.verbs.shared.parser import Parser, any_text
from plashui.verbs.table import VERBS
from tests.people import Person
from tests.verbs.conftest import Run

DELETES: Final = {"map": 1, "note": 1}
"""The operand that deletes something if it is empty."""

NOT_PARSED: Final = {"build", "help", "completion"}
"""Verbs of ours whose words are not for a parser."""

BY_US: Final = sorted({name for name, verb in VERBS.items() if verb.run} - NOT_PARSED)


def _with_an_empty_word(verb: str) -> list[list[str]]:
    """Lines of a verb in each of which one operand or value of an option is empty."""
    entry = VERBS[verb]
    operands = [word for word in entry.operands() if word not in ("...", "CMD")]
    lines = [
        [*(["1"] * at), ""]
        for at in range(len(operands))
        if at != DELETES.get(verb) and "|" not in operands[at]
    ]
    needed = ["1"] * (len(operands) if "[" not in entry.usage.split("]")[-1] else 1)
    for option, takes in entry.options().items():
        if takes:
            lines += [[option, "", *needed], [f"{option}=", *needed]]
    return lines


@pytest.mark.parametrize("verb", BY_US)
def test_an_empty_word_is_refused_and_nothing_happens(
    anybody: Person, base: Path, verb: str
) -> None:
    playground = Path(tempfile.mkdtemp(prefix=f"empty-{verb}-", dir=base))
    playground.chmod(0o755)
    anybody.give(playground)
    here = playground / "here"
    anybody.run(["sh", "-c", 'mkdir "$0"; echo precious >"$0/precious"', here])
    env = {"PLASH_DATA": str(playground / "none")}
    for line in _with_an_empty_word(verb):
        words = [anybody.bin / "plashui", verb, *line]
        done = anybody.run(words, env=env, cwd=here)
        assert (done.returncode, done.stdout) == (1, ""), line
        assert "empty" in done.stderr, (line, done.stderr)
        assert os.listdir(here) == ["precious"], line
        assert os.listdir(playground) == ["here"], line


def parser() -> Parser:
    """One with an option of each kind."""
    made = Parser("show")
    made.add_argument("--json", action="store_true")
    made.add_argument("--onto", metavar="ID")
    made.add_argument("image", metavar="ID")
    made.add_argument("text", nargs="?", type=any_text)
    return made


@pytest.mark.parametrize(
    ("words", "json", "onto", "image", "text"),
    [
        (["7"], False, None, "7", None),
        (["7", "--json", "x"], True, None, "7", "x"),
        (["--onto", "-x", "-y", "-z"], False, "-x", "-y", "-z"),
        (["--onto=3", "7", ""], False, "3", "7", ""),
        (["--", "--json", "-"], False, None, "--json", "-"),
        (["7", "--", "--onto"], False, None, "7", "--onto"),
        (["-1", "-"], False, None, "-1", "-"),
        (["7", "--- a note"], False, None, "7", "--- a note"),
    ],
)
def test_what_is_no_option_is_an_operand(
    words: list[str], json: bool, onto: str | None, image: str, text: str | None
) -> None:
    found = parser().parse_args(words)
    assert (found.json, found.onto, found.image, found.text) == (
        json,
        onto,
        image,
        text,
    )


@pytest.mark.parametrize("words", [["--jsn", "7"], ["7", "--onto"], ["--json=1", "7"]])
def test_two_dashes_are_an_option_or_an_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(words)
    assert end.value.code == 1
    assert "plash error: " in capsys.readouterr().err


def test_names_and_notes_may_begin_with_a_dash(
    plashui: Run, person: Person, store: Path, image: str
) -> None:
    plashui("map", "x", image)
    person.run(["mv", store / "map/x", store / "map/-x"], check=True)
    assert plashui("map", "-x").stdout == f"{image}\n"
    assert plashui("note", "-x", "-- not for long").returncode == 0
    assert plashui("note", "-x").stdout == "-- not for long\n"
    assert plashui("pin", "-x").returncode == 0
    for verb in ("show", "history", "diff"):
        assert plashui(verb, "-x").returncode == 0, verb
    assert plashui("note", image, "").returncode == 0
    assert plashui("note", image).stdout == ""
    assert plashui("rm", "--trash", "--force", "-x").returncode == 0
    assert plashui("restore", image).stdout == f"{image}\n"
    assert plashui("map", "-x", "").returncode == 0


def _made(place: Path) -> Path:
    place.mkdir()
    return place


def test_names_that_begin_with_a_dash_are_files(
    plashui: Run, image: str, playground: Path, person: Person
) -> None:
    here = person.give(_made(playground / "here"))

    def done(*words: str) -> subprocess.CompletedProcess[str]:
        found = plashui(*words, cwd=here)
        assert found.returncode == 0, found.stderr
        return found

    done("push:dir", image, "-out")
    assert (here / "-out/bin/sh").is_symlink()
    done("push:tarfile", image, "-t.tar")
    assert int(done("pull:tarfile", "-t.tar").stdout) > 1
    assert int(done("pull:dir", "-out").stdout) > 1
    done("push:tarfile", image, "--", "--t.tar")
    assert (here / "--t.tar").stat().st_size == (here / "-t.tar").stat().st_size
    wrong = plashui("pull:tarfile", "--no-such-option", cwd=here)
    assert wrong.returncode == 1
    assert "--no-such-option" in wrong.stderr


@pytest.mark.parametrize("words", [["-n"], ["--foo"], ["--", "--"], ["x"]])
def test_words_that_a_verb_does_not_know_are_named_as_they_were_typed(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        Parser("clean").parse_args(words)
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == f"plash error: unrecognized arguments: {words[-1]}"
