"""The old program's store: opened as it is, and not a byte changed by looking."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Verb
from tests.people import Person
from tests.store.test_store import fill_old_store, snapshot
from tests.tools import images


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


@pytest.mark.parametrize("person", ["root", "single"], indirect=True)
def test_a_store_goes_back_and_forth_between_the_two_programs(
    person: Person, store: Path, plash: Verb, busybox_tar: Path
) -> None:
    def old(*words: str) -> str:
        program = person.program(__file__, "old_program.sh")
        done = person.run(["sh", program, store, *words], cwd=store)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def new(*words: str | Path) -> str:
        done = plash(*words)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def layer(name: str) -> str:
        place = store.parent / name
        person.run(["mkdir", "-p", place / "etc"], check=True)
        person.run(["sh", "-c", f"echo {name} >{place}/etc/{name}"], check=True)
        return str(place)

    assert new("pull:tarfile", busybox_tar) == "1"
    assert old("stack", "1", layer("theirs")) == "2"
    assert new("build", "2", "sh", "-c", "cat /etc/theirs >/etc/ours") == "3"
    assert old("stack", "3", layer("again")) == "4"
    for number, parent in (("1", "0"), ("2", "1"), ("3", "2"), ("4", "3")):
        assert old("parent", number) == new("parent", number) == parent
        assert old("nodepath", number) == new("nodepath", number)
    assert new("run", "4", "cat", "/etc/theirs", "/etc/ours", "/etc/again") == (
        "theirs\ntheirs\nagain"
    )
    places = [f"{store}/layer/{place}/_data/root" for place in ("0", "0/1", "0/1/2")]
    assert old("lower", "2").splitlines() == places
    new("map", "web", "3")
    assert old("get", "web") == "3"
    old("set", "web", "4")
    assert new("map", "web") == new("id", "web") == "4"
    # What it remembers is no person's name, and names no image twice.
    old("set", "cache:12345", "3")
    old("set", "recall:77", "3")
    names = {row["id"]: row["names"] for row in json.loads(new("ls", "--json"))}
    assert names == {1: [], 2: [], 3: [], 4: ["web"]}
    assert new("map", "cache:12345") == "3"
    # What it removes leaves links behind, which are no images.
    old("rm", "4")
    assert images(store) == [1, 2, 3]
    assert new("map", "web") == ""
    assert [row["id"] for row in json.loads(new("ls", "--json"))] == [1, 2, 3]
    long_ago = [
        "touch",
        "-h",
        "-d",
        "2 hours ago",
        store / "index/4",
        store / "map/web",
    ]
    person.run(long_ago, check=True)
    new("clean")
    assert not (store / "index/4").is_symlink()
    assert not (store / "map/web").is_symlink()
    # What we remove is gone for it, and comes back for it.
    new("rm", "--trash", "3")
    assert old("get", "cache:12345") == ""
    new("restore", "3")
    assert old("get", "cache:12345") == "3"
    assert old("stack", "0", layer("other")) == "5", "ids go on"


@pytest.mark.parametrize("person", ["single"], indirect=True)
def test_after_the_old_purge_nothing_of_before_is_remembered(
    person: Person, store: Path, plash: Verb, busybox_tar: Path
) -> None:
    assert plash("recall", "pull:tarfile", busybox_tar).stdout == "1\n"
    first = plash("cache", "build", "1", "touch", "/x").stdout
    script = 'cd "$0" && rm -rf id_counter index layer map mnt tmp'
    person.run(["sh", "-c", script, store], check=True)
    assert plash("pull:tarfile", busybox_tar).stdout == "1\n"
    assert plash("build", "1", "touch", "/other").stdout == first
    assert plash("recall").returncode == 1
    assert plash("cache", "build", "1", "touch", "/x").stdout == "3\n"
