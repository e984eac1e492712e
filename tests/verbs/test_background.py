"""Work without a terminal: what it says, how it is stopped, how its helper dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Verb
from tests.people import Person
from tests.tools import images, leftovers, mounts_of, wait_for

pytestmark = pytest.mark.in_turn


@pytest.mark.parametrize("way", ["well", "ill", "killed", "cancelled", "hangs"])
def test_a_build_in_the_background(
    person: Person, plash: Verb, store: Path, image: str, way: str
) -> None:
    words = [person.bin / "python3", person.program(__file__, "background.py"), "build"]
    done = person.run([*words, store, image, way], env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    first, said = done.stdout.splitlines()
    if way == "well":
        assert said == "['out', 'err', '2 %', 'end']"
        assert plash("run", first, "cat", "/new").stdout == "x\n"
        assert images(store) == [int(image), int(first)]
    else:
        begin, end = {
            "ill": ("CommandFailed no image made: sh -c 'echo no", "with status 3: no"),
            "killed": ("PlashError building: the helper", "was killed by SIGKILL"),
            "cancelled": ("Cancelled", "cancelled"),
            "hangs": ("Cancelled", "cancelled"),
        }[way]
        assert first.startswith(begin), first
        assert first.endswith(end), first
        assert images(store) == [int(image)]
    wait_for(lambda: not mounts_of(store), "all to end")
    wait_for(lambda: leftovers(store) == [], "the store to be clean")


@pytest.mark.parametrize("way", ["killed", "hangs"])
def test_an_import_whose_helper_dies_or_hangs_ends_in_a_sentence(
    person: Person, store: Path, busybox_tar: Path, way: str
) -> None:
    words = [
        person.bin / "python3",
        person.program(__file__, "background.py"),
        "import",
    ]
    done = person.run([*words, store, busybox_tar, way], env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    if way == "killed":
        assert done.stdout.startswith("PlashError extracting")
        assert done.stdout.endswith(": the helper was killed by SIGKILL\n")
    else:
        assert done.stdout == "Cancelled cancelled\n"
    assert images(store) == []
    wait_for(lambda: leftovers(store) == [], "the store to be clean")
