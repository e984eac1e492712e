"""demo: small real images of this machine's own programs, with or without busybox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import leftovers


@pytest.fixture
def hide_busybox(playground: Path) -> dict[str, str]:
    """An environment in which this machine has no busybox, nothing else missing."""
    site = playground / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import shutil\n_which = shutil.which\n"
        "def which(name, *a, **k):\n"
        "    return None if name == 'busybox' else _which(name, *a, **k)\n"
        "shutil.which = which\n"
    )
    return {"PYTHONPATH": str(site)}


@pytest.mark.parametrize("busybox", [True, False])
def test_the_demo_makes_a_little_tree_that_works(
    person: Person, playground: Path, hide_busybox: dict[str, str], busybox: bool
) -> None:
    place = playground / "demo"
    env = {} if busybox else hide_busybox
    # `plashui` itself would not see what hides it.
    words = [person.bin / "python3", "-m", "plashui", "demo", place]
    done = person.run(words, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{place}\n"
    for line in ("go on with it", "keep it", "remove it", str(place)):
        assert line in done.stderr
    assert leftovers(place) == []

    env = {"PLASH_DATA": str(place)}
    listing = person.run([person.bin / "plashui", "ls", "--json"], env=env, check=True)
    rows = {name: row for row in json.loads(listing.stdout) for name in row["names"]}
    assert {"base", "tools", "python", "notes"} <= set(rows)
    assert rows["tools"]["parent"] == rows["notes"]["parent"] == rows["base"]["id"]
    assert ("busybox" in rows["base"]["origin"]) == busybox

    def inside(image: str, *words: str) -> str:
        run = [person.bin / "plash", "run", image, *words]
        return person.run(run, env=env, check=True).stdout

    assert inside("base", "sh", "-c", "ls -d /etc; id -u") == "/etc\n0\n"
    assert inside("tools", "bash", "-c", "echo $((6 * 7))") == "42\n"
    assert inside("python", "python3", "-c", "print(sum(range(10)))") == "45\n"
    assert inside("notes", "ls", "/srv/notes") == "monday\ntuesday\n"


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
