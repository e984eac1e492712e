"""Removing: what the preview promised is what is free, and the trash gives back."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from plashui.base.units import size
from tests.people import Person
from tests.tools import du, images, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


@pytest.fixture
def family(plashui: Run, image: str) -> list[str]:
    """An image, its child, two grandchildren; the child and one below are named."""
    script = "head -c 300000 /dev/urandom > /a; mkdir /d; echo x > /d/e"
    child = plashui("build", image, "sh", "-c", script).stdout.strip()
    one = plashui("build", child, "rm", "-r", "/d", "/usr/share").stdout.strip()
    two = plashui("build", child, "touch", "/f").stdout.strip()
    plashui("map", "child", child)
    plashui("map", "two [2]", two)
    return [image, child, one, two]


def test_df_is_du(plashui: Run, store: Path, person: Person, family: list[str]) -> None:
    def df() -> dict[str, Any]:
        use: dict[str, Any] = json.loads(plashui("df", "--json").stdout)
        assert use["total"] == du(person, store)
        del use["disk_free"]  # others write to the disk too
        return use

    base, child, one, two = family
    node = Path(plashui("nodepath", one).stdout.strip())
    person.run(["cp", "-r", "/etc/passwd", node / "beside"], check=True)
    for image, own in json.loads(plashui("df", "--json").stdout)["layers"].items():
        place = Path(plashui("nodepath", image).stdout.strip())
        assert own == du(person, place / "_data"), image
    # It is also of what no time stamp of a directory tells: a file grows in its place.
    before = df()["other"]
    grow = ["dd", "bs=1k", "count=40", "if=/dev/zero", "oflag=append", "conv=notrunc"]
    for grown in (node / "beside", store / "id_counter.x"):
        person.run([*grow, f"of={grown}"], check=True)
    assert df()["other"] >= before + 2 * 40 * 1024
    assert plashui("pin", two).returncode == 0
    assert plashui("map", "two", two).returncode == 0
    assert plashui("run", two, "true").returncode == 0
    # And of the trash, in which also lies what is no image, and one never counted.
    assert plashui("rm", "--trash", one).returncode == 0
    assert plashui("rm", "--trash", "--force", child, two).returncode == 0
    script = (
        'cd "$0"; mkdir -p trash/x/7/_data tmp/y 77/_data layer/0/_data/root/7/_data;'
        " for at in trash/x/7 77 tmp/y layer/0/_data/root/7; do"
        " cp id_counter.x $at/x; test ! -e $at/_data || cp id_counter.x $at/_data; done"
    )
    person.run(["sh", "-c", script, store], check=True)
    kept = df()
    listed = json.loads(plashui("trash", "--json").stdout)
    assert kept["trash"] == sum(entry["bytes"] for entry in listed)
    # All of it but what somebody put beside, which is under `other`.
    trash = du(person, store / "trash") - du(person, store / "trash/x")
    strange = du(person, store / "trash" / one / "beside")
    assert kept["trash"] == trash - strange - (store / "trash").stat().st_blocks * 512
    assert kept["work"] > 0
    person.run(["rm", "-r", person.home / ".cache/plashui"], check=True)
    assert df() == kept
    assert df()["layers"] == {base: kept["images"]}


@pytest.mark.parametrize("target", ["child", "leaf", "all"])
def test_removal_frees_what_it_said(
    plashui: Run, store: Path, person: Person, family: list[str], target: str
) -> None:
    base, child, one, _two = family
    chosen = {"child": [child], "leaf": [one], "all": [one, base, child]}[target]
    before = du(person, store)
    done = plashui("rm", *chosen)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    freed = before - du(person, store)
    assert f", {size(freed)} freed" in done.stderr
    assert leftovers(store) == []
    gone = {"child": 3, "leaf": 1, "all": 4}[target]
    assert len(images(store)) == 4 - gone


def test_a_removed_image_comes_back_with_its_children_and_names(
    plashui: Run, plash: Run, store: Path, family: list[str]
) -> None:
    _base, child, one, two = family
    before = plashui("ls", "--json").stdout
    assert plashui("rm", "--trash", child).returncode == 0
    assert images(store) == [int(family[0])]
    assert plashui("map", "child").stdout == ""
    [entry] = json.loads(plashui("trash", "--json").stdout)
    assert entry["ids"] == [int(i) for i in (child, one, two)]
    assert entry["names"] == ["child", "two [2]"]
    assert entry["bytes"] > 300_000
    done = plashui("restore", child)
    assert done.stdout == f"{child}\n", done.stderr
    assert plashui("ls", "--json").stdout == before
    assert plash("run", two, "test", "-e", "/a").returncode == 0
    assert json.loads(plashui("trash", "--json").stdout) == []


def test_a_name_given_away_meanwhile_stays_with_its_new_owner(
    plashui: Run, family: list[str]
) -> None:
    base, child, _one, _two = family
    plashui("rm", "--trash", child)
    plashui("map", "child", base)
    done = plashui("restore", child)
    assert done.returncode == 0
    assert "child" in done.stderr
    assert plashui("map", "child").stdout == f"{base}\n"
    assert plashui("map", "two [2]").stdout == f"{_two}\n"


def test_what_an_image_stood_on_comes_back_before_it(
    plashui: Run, store: Path, family: list[str]
) -> None:
    base, child, one, two = family
    before = plashui("ls", "--json").stdout
    for image in (one, child, base):
        assert plashui("rm", "--trash", image).returncode == 0
    assert images(store) == []
    done = plashui("restore", one)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{one}\n"
    assert done.stderr == (
        f"image {base} came back too: {one} stands on it\n"
        f"image {child} came back too: {one} stands on it\n"
    )
    assert plashui("ls", "--json").stdout == before, "two came with the child"
    plashui("rm", "--trash", one)
    plashui("rm", "--trash", child)
    done = plashui("restore", one, child, two)
    assert done.returncode == 0, "the first brought all back"
    assert done.stdout == f"{one}\n{child}\n{two}\n"


def test_what_went_to_the_trash_with_another_comes_back_with_it(
    plashui: Run, store: Path, family: list[str]
) -> None:
    _base, child, one, two = family
    plashui("rm", "--trash", child)
    done = plashui("restore", two)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{two}\n"
    assert f"image {child} came back too" in done.stderr
    assert images(store) == [int(i) for i in family]
    assert plashui("map", "two [2]").stdout == f"{two}\n"
    assert plashui("show", one).returncode == 0


def test_what_stood_on_an_image_that_is_gone_for_good_stays_in_the_trash(
    plashui: Run, store: Path, family: list[str]
) -> None:
    base, child, one, _two = family
    plashui("rm", "--trash", one)
    plashui("rm", "--trash", child)
    done = plashui("trash", "--empty", child)
    assert done.returncode == 1
    assert f"image {one} in the trash is built on it" in done.stderr
    assert plashui("trash", "--empty", "--force", child).returncode == 0
    done = plashui("restore", one)
    assert done.returncode == 1
    assert f"its parent, image {child}, was deleted" in done.stderr
    assert images(store) == [int(base)]
    assert [entry["id"] for entry in json.loads(plashui("trash", "--json").stdout)] == [
        int(one)
    ]


def test_emptying_the_trash_frees_it_for_good(
    plashui: Run, store: Path, person: Person, family: list[str]
) -> None:
    _base, child, _one, _two = family
    before = du(person, store)
    plashui("rm", "--trash", child)
    assert abs(du(person, store) - before) < 20_000, "nothing is freed yet"
    done = plashui("trash", "--empty")
    assert done.returncode == 0
    assert "freed" in done.stderr
    assert before - du(person, store) > 300_000
    assert json.loads(plashui("trash", "--json").stdout) == []
    assert leftovers(store) == []
    assert plashui("restore", child).returncode == 1


def test_an_image_in_use_is_refused_with_who_uses_it(
    plashui: Run, store: Path, person: Person, family: list[str]
) -> None:
    base, _child, one, two = family
    env = {"PLASH_DATA": str(store)}
    words = [person.bin / "plash", "run", two, "cat"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = person.start(words, env=env, **pipes)
    try:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(b"up\n")
        running.stdin.flush()
        assert running.stdout.readline() == b"up\n"
        for flags in ([], ["--trash"]):
            done = plashui("rm", *flags, base)
            assert done.returncode == 1
            assert f"image {two} is in use by process" in done.stderr
            assert "(cat)" in done.stderr
            assert "--force" in done.stderr
        assert len(images(store)) == 4
        assert plashui("rm", one).returncode == 0, "its sibling is free to go"
        assert plashui("clean").returncode == 0
        assert len(leftovers(store)) == 1, "the running one's changes stay"
        assert plashui("rm", "--force", two).returncode == 0
    finally:
        running.terminate()
        running.wait()
        assert running.stdout is not None
        running.stdout.close()
    wait_for(lambda: leftovers(store) == [], "the run to clean up")
    assert images(store) == [int(i) for i in family[:2]]


def test_a_directory_is_stacked_as_a_layer(
    plashui: Run, plash: Run, playground: Path, person: Person, image: str
) -> None:
    layer = playground / "layer"
    person.run(["mkdir", "-p", layer / "etc"], check=True)
    person.run(["sh", "-c", f"echo stacked > {layer}/etc/motd"], check=True)
    child = plashui("stack", image, layer).stdout.strip()
    assert not layer.exists(), "it is moved"
    assert plash("run", child, "cat", "/etc/motd").stdout == "stacked\n"
    assert plash("parent", child).stdout == f"{image}\n"


@pytest.mark.parametrize("way", ["lock", "old", "stack"])
def test_whoever_comes_between_the_look_and_the_move_is_seen(
    plashui: Run, store: Path, person: Person, family: list[str], way: str
) -> None:
    base, child, _one, _two = family
    before = images(store)
    words = [person.bin / "python3", person.program(__file__, "late_use.py")]
    done = person.run([*words, store, way, base, child], env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    kind, said, pid = done.stdout.strip().split("|")
    if way == "stack":
        assert kind == "PlanChanged"
        assert images(store) == [*before, max(before) + 1]
    else:
        assert kind == "InUse"
        by = f"{pid} (" if way == "lock" else ""
        assert said.startswith(f"image {child} is in use by process {by}"), said
        assert images(store) == before
    assert not list(store.glob("trash/*"))
    assert not list(store.rglob("trash.json"))
    assert leftovers(store) == []
    assert plashui("rm", base).returncode == 0, "nobody uses it any more"


def test_what_is_brought_back_named_or_pinned_waits_for_what_is_being_taken_out(
    plashui: Run, store: Path, person: Person, family: list[str]
) -> None:
    _base, child, one, two = family
    assert plashui("rm", "--trash", one).returncode == 0
    before = images(store)
    index = os.open(store / "index", os.O_RDONLY)
    waiting = f":{os.fstat(index).st_ino} "

    def all_wait() -> bool:
        locks = Path("/proc/locks").read_text().splitlines()
        return sum(waiting in line and "->" in line for line in locks) == 4

    fcntl.flock(index, fcntl.LOCK_EX)
    env = {"PLASH_DATA": str(store)}
    lines = [["restore", one], ["rm", two], ["map", "new", child], ["pin", child]]
    started = [
        person.start([person.bin / "plashui", *line], env=env, stderr=subprocess.PIPE)
        for line in lines
    ]
    wait_for(all_wait, "all to wait")
    assert images(store) == before
    assert not (store / "map/new").is_symlink()
    assert not list(store.glob("layer/0/_meta/pinned/*"))
    os.close(index)
    for process in started:
        assert process.communicate()[1] is not None
        assert process.returncode == 0
    assert images(store) == sorted({*before, int(one)} - {int(two)})
    shown = json.loads(plashui("show", child, "--json").stdout)
    assert (shown["names"], shown["pinned"]) == (["child", "new"], True)


def test_the_trash_is_listed_and_emptied_by_age(
    plashui: Run, store: Path, family: list[str]
) -> None:
    base, _child, one, two = family
    for image in (one, two):
        assert plashui("rm", "--trash", image).returncode == 0
    note = store / f"trash/{one}/_meta/trash.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"removed": 1e9}))
    damaged = plashui("build", base, "touch", "/z").stdout.strip()
    assert plashui("rm", "--trash", damaged).returncode == 0
    (store / f"trash/{damaged}/_meta/trash.json").write_text("{")

    def listed(*words: str) -> list[str]:
        done = plashui("trash", "--json", *words)
        return sorted(str(entry["id"]) for entry in json.loads(done.stdout))

    assert listed() == sorted([one, two, damaged])
    assert listed("--older", "30d") == [one], "of one it is not known"
    text = plashui("trash", "--older", "30d")
    assert len(text.stdout.splitlines()) == 1
    assert "`plash trash --empty` frees" in text.stderr
    assert plashui("trash", "--older", "30d", one).returncode == 1
    assert plashui("trash", "--empty", "--older", "99y").returncode == 0
    assert plashui("trash", "--empty", "--older", "30d").returncode == 0
    assert listed() == sorted([two, damaged])
    done = plashui("restore", damaged)
    assert done.returncode == 1
    assert "its parent is unknown" in done.stderr
    assert plashui("trash", "--empty").returncode == 0
    assert listed() == []
    assert leftovers(store) == []


def test_sizes_in_the_trash_are_counted_where_they_were_not(
    plashui: Run, store: Path, person: Person, family: list[str]
) -> None:
    child = family[1]
    assert plashui("rm", "--trash", child).returncode == 0
    for meta in (store / "trash").rglob("usage.json"):
        meta.unlink()
    for file in person.home.glob(".cache/plashui/facts-*"):
        file.unlink()
    [entry] = json.loads(plashui("trash", "--json").stdout)
    assert entry["bytes"] == du(person, store / "trash" / child)


def test_what_runs_in_a_trashed_image_keeps_it_from_being_deleted(
    plashui: Run, store: Path, person: Person, family: list[str]
) -> None:
    two = family[3]
    words = [person.bin / "plash", "run", two, "cat"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = person.start(words, env={"PLASH_DATA": str(store)}, **pipes)
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        running.stdin.write(b"up\n")
        running.stdin.flush()
        assert running.stdout.readline() == b"up\n"
        assert plashui("rm", "--trash", "--force", two).returncode == 0
        for which in ([], [two], ["--older", "0s"]):
            done = plashui("trash", "--empty", *which)
            assert done.returncode == 1, which
            assert f"image {two} is in use by process" in done.stderr
        assert plashui("clean").returncode == 0
        assert json.loads(plashui("trash", "--json").stdout)
    finally:
        running.stdin.close()
        running.wait()
        running.stdout.close()
    assert plashui("trash", "--empty").returncode == 0


@pytest.mark.parametrize("person", ["full"], indirect=True)
def test_a_cancelled_removal_is_freed_by_the_next_clean_though_its_program_lives(
    store: Path, person: Person, family: list[str]
) -> None:
    words = [person.bin / "python3", person.program(__file__, "cancelled_removal.py")]
    done = person.run([*words, store, family[1]], check=True)
    assert done.stdout == "1 1\n"
    assert leftovers(store) == []
    assert images(store) == [int(family[0])]


def test_a_run_that_starts_after_the_preview_keeps_what_it_needs(
    store: Path, person: Person, family: list[str]
) -> None:
    """To take the one in use was agreed to; to take the other was not."""
    base, _child, one, two = family
    words = [person.bin / "python3", person.program(__file__, "agreed_removal.py")]
    words += [store, person.bin / "plash"]
    done = person.run([*words, base, one, two], env={"PLASH_DATA": str(store)})
    assert (done.returncode, done.stdout) == (0, f"{two}\n"), done.stderr
    assert images(store) == sorted(map(int, family))
    assert not list(store.glob("trash/*"))
