"""What is printed where: colours only on a terminal, silence where nobody reads."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Programs
from tests.keyboard import at_a_terminal
from tests.people import Person, myself

pytestmark = pytest.mark.in_turn

PLAIN = "plash error: no image 7\r\n"
RED = "\x1b[31mplash error:\x1b[m no image 7\r\n"
WORDS = [["plash", "id", "7"], ["plashui", "show", "7"], ["plashui", "build", "7"]]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
@pytest.mark.parametrize(
    ("env", "shown"),
    [
        ({}, RED),
        ({"NO_COLOR": ""}, RED),
        ({"NO_COLOR": "1"}, PLAIN),
        ({"TERM": "dumb"}, PLAIN),
    ],
    ids=str,
)
def test_an_error_is_red_on_a_terminal_unless_one_wants_no_colours(
    me: Person, any_store: Path, words: list[str], env: dict[str, str], shown: str
) -> None:
    program, *rest = words
    env = {"PLASH_DATA": str(any_store), "TERM": "xterm", **env}
    command = [me.bin / program, *rest]
    with at_a_terminal(me, command, env, any_store) as keyboard:
        assert keyboard.rest() == shown


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_an_error_is_plain_in_a_file(
    me: Person, any_store: Path, words: list[str]
) -> None:
    program, *rest = words
    env = {"PLASH_DATA": str(any_store), "TERM": "xterm"}
    done = me.run([me.bin / program, *rest], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == PLAIN.replace("\r", "")


PRINTING = [
    *(["plashui", "help"], ["plashui", "help", "rm"], ["plashui", "rm", "--help"]),
    *(["plashui", "ls"], ["plashui", "df"], ["plashui", "completion", "bash"]),
    *(["plashui", "ls", "--json"], ["plashui", "doctor"], ["plashui", "version"]),
    *(["plash", "help"], ["plash", "help", "run"], ["plash", "version"]),
    *(["plash", "data"], ["plash", "nodepath", "0", "--allow-0"]),
]


def run(
    person: Person, store: Path, words: list[str], redirection: str
) -> subprocess.CompletedProcess[str]:
    """The command with its output redirected by bash; its status is the script's."""
    program, *rest = words
    script = f'"$0" "$@" {redirection}; exit "${{PIPESTATUS[0]}}"'
    command = ["bash", "-c", script, person.bin / program, *rest]
    return person.run(command, env={"PLASH_DATA": str(store)})


@pytest.fixture
def me(base: Path, programs: Programs) -> Person:
    """Whoever runs the suite: what is printed where is the same for all."""
    return myself(base, programs.bin)


@pytest.fixture(scope="module")
def any_store(base: Path, programs: Programs) -> Iterator[Path]:
    """A store of three images that one person may write to."""
    store = base / "store-of-output"
    env = {**os.environ, "PLASH_DATA": str(store)}
    for number in range(3):
        layer = base / f"layer-of-output-{number}"
        layer.mkdir()
        words = [str(programs.plashui), "stack", "0", str(layer)]
        subprocess.run(words, env=env, check=True, capture_output=True)
    yield store
    shutil.rmtree(store)


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_reader_that_has_gone_ends_it_silently(
    me: Person, any_store: Path, words: list[str]
) -> None:
    # The reader is gone for certain before anything is written.
    script = 'exec > >(exec true); wait $!; "$0" "$@"; echo $? >&2'
    program, *rest = words
    command = ["bash", "-c", script, me.bin / program, *rest]
    done = me.run(command, env={"PLASH_DATA": str(any_store)})
    assert done.stderr == "141\n"


def test_much_output_can_be_cut_short(me: Person, any_store: Path) -> None:
    done = run(me, any_store, ["plashui", "ls"], "| head -n 1")
    assert done.stdout.startswith("     ID")
    assert done.stderr == ""
    assert done.returncode in (0, 141)


@pytest.mark.parametrize("words", PRINTING[3:], ids=" ".join)
def test_output_that_cannot_be_written_is_an_error_of_one_line(
    me: Person, any_store: Path, words: list[str]
) -> None:
    done = run(me, any_store, words, ">/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("plash error: "), done.stderr
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_without_standard_files_it_does_what_it_does(
    me: Person, any_store: Path, words: list[str]
) -> None:
    assert run(me, any_store, words, "<&- >&- 2>&-").returncode in (0, 1)
    done = run(me, any_store, words, ">&-")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
