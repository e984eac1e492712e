"""demo: images of this machine's own programs, with or without busybox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.people import Person
from tests.tools import du, leftovers

pytestmark = pytest.mark.in_turn

MOST = 100_000_000
"""The bytes that the demo may take."""


@pytest.fixture
def hide_busybox(place_of_anybody: Path) -> dict[str, str]:
    """An environment in which this machine has no busybox, nothing else missing."""
    site = place_of_anybody / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import shutil\n_which = shutil.which\n"
        "def which(name, *a, **k):\n"
        "    return None if name == 'busybox' else _which(name, *a, **k)\n"
        "shutil.which = which\n"
    )
    return {"PYTHONPATH": str(site)}


def made(person: Person, place: Path, env: dict[str, str]) -> None:
    """Make the demo at `place`, as without a terminal."""
    # `plashui` itself would not see what hides busybox.
    words = [person.bin / "python3", "-m", "plashui", "demo", place]
    done = person.run(words, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{place}\n"
    for line in ("go on with it", "keep it", "remove it", str(place)):
        assert line in done.stderr
    assert leftovers(place) == []


def test_the_demo_has_images_that_people_know_with_all_signs(
    person: Person, playground: Path
) -> None:
    place = playground / "demo"
    made(person, place, {})
    env = {"PLASH_DATA": str(place)}

    def told(*words: str) -> Any:
        run = [person.bin / "plashui", *words, "--json"]
        return json.loads(person.run(run, env=env, check=True).stdout)

    rows = told("ls")
    named = {name: row for row in rows for name in row["names"]}
    assert len(rows) == 19
    assert {"debian", "dev", "node-20", "web", "alpine", "go", "ci"} <= set(named)
    assert named["node-20"]["parent"] == named["dev"]["id"]
    assert [row["id"] for row in rows if row["pinned"]] == [named["debian"]["id"]]

    disk = told("df")
    sizes = [row["own"] for row in rows]
    assert sum(sizes) == disk["images"]
    assert min(sizes) < 100_000
    assert max(sizes) > 10_000_000
    assert disk["unsaved"]
    assert disk["trash"]
    assert disk["total"] == du(person, place) < MOST

    def inside(image: str, *words: str) -> str:
        run = [person.bin / "plash", "run", image, *words]
        return person.run(run, env=env, check=True).stdout

    assert "Alpine" in inside("go", "sh", "-c", "cat /etc/os-release")
    assert inside("web", "bash", "-c", "echo $((6 * 7)); id -u") == "42\n0\n"
    assert inside("docs", "python3", "-c", "print(sum(range(10)))") == "45\n"
    assert "git" in json.dumps(told("packages", "web"))


def test_without_busybox_the_demo_has_this_machines_commands(
    anybody: Person, place_of_anybody: Path, hide_busybox: dict[str, str]
) -> None:
    place = place_of_anybody / "demo"
    made(anybody, place, hide_busybox)
    run = [anybody.bin / "plash", "run", "alpine", "sh", "-c", "ls -d /etc; id -u"]
    done = anybody.run(run, env={"PLASH_DATA": str(place)}, check=True)
    assert done.stdout == "/etc\n0\n"
    assert not (place / "layer/0/1/_data/root/usr/bin/busybox").exists()
    assert du(anybody, place) < MOST


def test_the_place_of_the_demo_is_told_harmlessly(
    person: Person, playground: Path
) -> None:
    place = playground / "demo\x1b[31m"
    env = {"PLASH_DATA": str(place)}
    person.run([person.bin / "plash", "init"], env=env, check=True)
    done = person.run([person.bin / "plashui", "demo", place])
    assert done.returncode == 0, done.stderr
    assert "demo\\x1b[31m" in done.stderr
    assert "\x1b" not in done.stderr
