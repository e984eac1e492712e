"""Faults of the old program that belong to no other file: none of them is ours.

Most of its faults are tested where the promise is that they broke.
"""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Verb
from tests.people import Person
from tests.tools import leftovers
from tests.verbs.conftest import Run


def test_words_of_a_command_are_eaten_by_env(plash: Verb, image: str) -> None:
    script = 'printf "<%s>" "$@"'
    for words in (["A=5", "-i"], ["-i", "A=5"], ["--", "-u", ""]):
        done = plash("run", image, "sh", "-c", script, "sh", *words)
        assert done.stdout == "".join(f"<{word}>" for word in words)
    for first in (["A=5"], ["-i"], ["--", "A=5"], ["--", "-i"], ["--", "--"]):
        done = plash("run", image, *first, "echo", "hi")
        assert (done.returncode, done.stdout) == (127, ""), "there is no such program"
    assert plash("run", image, "--", "echo", "hi").stdout == "hi\n"


def test_every_build_adds_an_empty_resolv_conf_to_the_layer(
    plashui: Run, plash: Verb, image: str
) -> None:
    child = plashui("build", image, "touch", "/made").stdout.strip()
    content = Path(plash("nodepath", child).stdout.strip()) / "_data/root"
    found = plash("sudo", "find", content, "-mindepth", "1").stdout.splitlines()
    assert found == [f"{content}/made"]


def test_leftovers_pile_up_until_clean(
    plashui: Run, store: Path, image: str, person: Person
) -> None:
    work = store / "tmp/plashtmp_1_999999999_killed"
    person.run(["mkdir", "-p", work / "data/etc"], check=True)
    (store / "tmp/somebody's own").mkdir()
    assert plashui("build", image, "touch", "/x").returncode == 0
    assert leftovers(store) == ["somebody's own"]
