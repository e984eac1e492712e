"""note: what a person wrote of an image stays with it; clean says what it freed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Verb
from tests.people import Person
from tests.tools import du, leftovers
from tests.verbs.conftest import Run


def test_a_note_is_shown_and_goes_through_the_trash(
    plash: Verb, plashui: Run, person: Person, store: Path, image: str
) -> None:
    plash("map", "my box", image)
    done = plash("note", "my box", "before [the] upgrade\x1b[31m")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert plashui("note", image).stdout == "before [the] upgrade\x1b[31m\n"
    rows = json.loads(plashui("ls", "--json").stdout)
    assert [row["note"] for row in rows] == ["before [the] upgrade\x1b[31m"]
    assert (
        "note          before [the] upgrade\\x1b[31m" in plashui("show", image).stdout
    )
    assert json.loads(plashui("show", image, "--json").stdout)["note"]
    total = json.loads(plashui("df", "--json").stdout)["total"]
    assert total == du(person, store), "it is counted"
    plashui("rm", "--trash", image)
    plashui("clean")
    plashui("restore", image)
    assert plashui("note", image).stdout.startswith("before")
    assert plashui("note", image, "").returncode == 0
    assert plashui("note", image).stdout == ""


def test_clean_says_what_it_freed(
    plashui: Run, person: Person, store: Path, image: str
) -> None:
    assert plashui("clean").stderr == "nothing was left behind\n"
    left = store / "tmp/plashtmp_1_4194305_x"
    person.run(["mkdir", left], check=True)
    fill = ["dd", "if=/dev/zero", f"of={left}/file", "bs=1M", "count=3"]
    person.run(fill, check=True)
    assert plashui("clean").stderr == "1 leftover removed, 3.1 MB freed\n"
    assert leftovers(store) == []
    assert plashui("run", image, "true").returncode == 0
