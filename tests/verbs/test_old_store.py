"""The old program's store: opened as it is, and not a byte changed by looking."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.core.test_store import fill_old_store, snapshot
from tests.people import Person


@pytest.fixture
def old(playground: Path, person: Person) -> Path:
    """A store made by hand to the letter of the format, the person's own."""
    path = fill_old_store(playground / "old")
    if os.geteuid() == 0:
        for directory, names, files in os.walk(path):
            for name in [".", *names, *files]:
                os.lchown(Path(directory, name), person.uid, person.gid)
    return path


def test_looking_at_it_changes_nothing(person: Person, old: Path) -> None:
    before = snapshot(old)
    env = {"PLASH_DATA": str(old)}
    for words in (
        ["ls"],
        ["ls", "--json"],
        ["df"],
        ["df", "--json"],
        ["show", "12"],
        ["show", "debian"],
        ["trash"],
        ["map", "debian"],
        ["parent", "7"],
        ["nodepath", "12"],
        ["id", "debian"],
        ["data"],
        ["ls"],
    ):
        done = person.run([person.bin / "plashui", *words], env=env)
        assert done.returncode == 0, (words, done.stderr)
    assert snapshot(old) == before
    listing = person.run([person.bin / "plashui", "ls", "--json"], env=env).stdout
    rows = {row["id"]: row for row in json.loads(listing)}
    assert sorted(rows) == [3, 7, 8, 12]
    assert rows[7]["own"] >= 5000
    assert rows[3]["subtree"] == sum(rows[i]["own"] for i in (3, 7, 12))
    assert rows[3]["names"] == ["debian"]
