"""The short way: what a word means is found out, said, and pulled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.imports.kinds import meanings
from tests.people import Person
from tests.tools import images
from tests.transfer.oci.images import Shelf, tar_of
from tests.verbs.conftest import Run


def test_a_word_means_what_it_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shelf = Shelf()
    shelf.image("a", [tar_of({"a": "a"})])
    shelf.layout(tmp_path / "layout", "a")
    Path("tree").mkdir()
    Path("Root.tar").touch()
    for word, wanted in (
        ("debian", ["pull:oci debian:latest"]),
        ("ghcr.io/a/b:1", ["pull:oci ghcr.io/a/b:1"]),
        ("https://x/y.tar", ["pull:url https://x/y.tar"]),
        ("./layout", ["pull:file ./layout"]),
        (f"{tmp_path}/tree", [f"pull:dir {tmp_path}/tree"]),
        ("Root.tar", ["pull:file ./Root.tar"]),
        ("tree", ["pull:dir ./tree", "pull:oci tree:latest"]),
        ("layout", ["pull:file ./layout", "pull:oci layout:latest"]),
        (".", ["pull:dir ./."]),
    ):
        found = meanings(word, "docker.io")
        assert [f"{one.verb} {one.word}" for one in found] == wanted
    for word, says in (("./no", "there is no file ./no"), ("No", "Try no")):
        with pytest.raises(PlashError, match=says):
            meanings(word, "docker.io")


def test_the_short_way_is_the_long_way(
    plashui: Run, person: Person, store: Path, busybox_tar: Path, playground: Path
) -> None:
    done = plashui("pull", "--name", "box", busybox_tar)
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert done.stderr == f"pull:file {busybox_tar}\n"
    assert (store / "map/box").exists()
    shutil.copy(busybox_tar, playground / "box")
    (playground / "box").chmod(0o644)
    done = plashui("pull", "box", cwd=playground)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        "'box' can mean several things. Say `plash pull:file ./box` or" in done.stderr
    )
    tree = person.give(playground)
    (tree / "d").mkdir(mode=0o755)
    assert plashui("pull", "--name", "dir", tree / "d").stdout == "2\n"
    assert plashui("pull", f"file://{busybox_tar}").stdout == "3\n"
    assert images(store) == [1, 2, 3]
