"""A work directory becomes an image, in an order that a crash cannot spoil."""

from __future__ import annotations

import subprocess
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.helpers.conftest import Bench, Word
from tests.tools import images, leftovers


def test_the_image_is_where_the_format_says(plash: Bench) -> None:
    work = plash.work("w")
    (work / "data/file").write_text("x")
    (work / "_meta").mkdir()
    (work / "_meta/image.json").write_text("{}")
    plash.person.run(["mkdir", "-p", work / "work/work"])
    for path in (work / "data/file", work / "_meta", work / "_meta/image.json"):
        plash.person.give(path)
    first = plash.commit("w")
    second = plash.layer("true", first)
    assert (first, second) == ("1", "2")
    node = plash.store / "layer/0/1"
    assert (plash.store / "index/1").readlink() == Path("../layer/0/1")
    assert (plash.store / "index/2").readlink() == Path("../layer/0/1/2")
    assert (node / "_data/root/file").read_text() == "x"
    assert (node / "_meta/image.json").read_text() == "{}"
    assert sorted(p.name for p in node.iterdir()) == ["2", "_data", "_meta"]
    assert (plash.store / "id_counter").stat().st_size == 2
    assert leftovers(plash.store) == []


def test_ids_are_never_given_twice(plash: Bench) -> None:
    processes = []
    for n in range(12):
        plash.work(f"w{n}")
        words: list[Word] = ["engine:commit", plash.store, "0", f"w{n}"]
        processes.append(plash.start(*words, stdout=subprocess.PIPE))
    ids = sorted(int(p.communicate()[0]) for p in processes)
    assert ids == list(range(1, 13))
    assert images(plash.store) == ids


def test_a_parent_that_is_not_there(plash: Bench) -> None:
    plash.work("w")
    done = plash("engine:commit", plash.store, "7", "w")
    assert done.returncode == 1
    assert done.stderr == "plash error: no image 7\n"
    assert leftovers(plash.store) == ["w"]
    assert (plash.store / "id_counter").stat().st_size == 0


@pytest.mark.in_turn
@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../tmp", "missing"])
def test_only_a_directory_in_tmp_is_committed(plash: Bench, name: str) -> None:
    done = plash("engine:commit", plash.store, "0", name)
    assert done.returncode == 1
    assert images(plash.store) == []


def test_the_overlays_scratch_directory_does_not_stay(plash: Bench, image: str) -> None:
    child = plash.build(image, "sh", "-c", "echo x >/new")
    node = plash.content(child).parent.parent
    assert sorted(p.name for p in node.iterdir()) == ["_data", "_meta"]


def test_what_a_run_is_writing_becomes_no_image(
    plash: Bench, image: str, playground: Path
) -> None:
    work = plash.work("w")
    changes = playground / "changes"
    plash.person.run(["mkdir", changes], check=True)
    commit: list[Word] = ["engine:commit", plash.store, image, "w"]
    stack: list[Word] = ["stack", image, changes / "data"]
    for directory, make in ((work, commit), (changes, stack)):
        words: list[Word] = ["run:persist", image, directory]
        run = plash.start(*words, "sh", "-c", "echo up; cat", stdin=PIPE, stdout=PIPE)
        assert run.stdout
        assert run.stdout.readline() == b"up\n"
        done = plash(*make)
        run.communicate()
        assert (done.stdout, done.returncode) == ("", 1)
        assert f"{directory}: another run is using it: process {run.pid} (" in (
            done.stderr
        )
        assert done.stderr.count("\n") == 1
    assert images(plash.store) == [int(image)]
    for make in (commit, stack):
        done = plash(*make)
        assert done.returncode == 0, done.stderr


def test_while_a_parent_is_removed_nothing_becomes_its_child(
    plash: Bench, image: str
) -> None:
    plash.work("w")
    node = plash.store / "layer/0" / image / "_data"
    commit = f"{plash.program} engine:commit {plash.store} {image} w"
    script = f"exec 9<'{node}'; flock --exclusive 9; exec {commit}"
    done = plash.person.run(["bash", "-c", script])
    assert done.returncode == 1
    assert done.stderr == f"plash error: image {image} is being removed\n"
