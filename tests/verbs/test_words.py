"""Words of a verb: an empty one is never a path, one with a dash may be a file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run


@pytest.mark.parametrize(
    "words",
    [
        ["pull:dir", ""],
        ["pull:tarfile", ""],
        ["pull:url", ""],
        ["push:dir", "1", ""],
        ["push:tarfile", "1", ""],
    ],
    ids=" ".join,
)
def test_an_empty_operand_is_refused_and_nothing_happens(
    plashui: Run,
    image: str,
    playground: Path,
    person: Person,
    words: list[str],
    store: Path,
) -> None:
    here = person.give(_made(playground / "here"))
    (here / "precious").write_text("p")
    done = plashui(*words, cwd=here)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("plash error: ")
    assert os.listdir(here) == ["precious"]
    assert [str(i) for i in images(store)] == [image]
    assert leftovers(store) == []
    (here / "precious").unlink()
    assert plashui(*words, cwd=here).returncode == 1
    assert os.listdir(here) == []


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
