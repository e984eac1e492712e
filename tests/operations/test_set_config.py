"""A config changes by a new image, or in place: whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import NameTaken, PlashError
from plashui.image.config_of import effective_config
from plashui.model.config_changes import Changes
from plashui.operations import set_config as operation
from plashui.operations.build import commit, commit_config
from plashui.operations.set_config import set_config
from plashui.store.atomic_write import new_directory
from plashui.store.metadata import run_conf
from plashui.store.names import set_name
from plashui.store.new_name import NewName
from plashui.store.store import Store
from plashui.store.workdir import workdir
from tests.operations.test_killed import killed
from tests.tools import leftovers
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, tar_of

SET = Changes(env=("A=2",), cmd='["x"]')


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    store = Store(tmp_path / "store")
    store.create()
    return store


def built(store: Store, parent: int = 0) -> int:
    """An image with a layer of its own."""
    with workdir(store) as work, new_directory("data", work.lock):
        return commit(store, parent, work, "x", more={"command": ["make", "x"]})


def meta(store: Store, image: int) -> Path:
    """Where the metadata of an image is."""
    return store.path / store.layer(image) / "_meta"


def notes(store: Store, image: int) -> Any:
    """What is noted of an image."""
    return json.loads((meta(store, image) / "image.json").read_text())


def config(store: Store, image: int) -> Any:
    """How an image is meant to be run."""
    return effective_config(store, image)["config"]


def runs_as_noted(store: Store, image: int) -> bytes:
    """What `run` reads of an image, which is what its config says."""
    found = (meta(store, image) / "run.conf").read_bytes()
    assert found == run_conf(notes(store, image)["config"])
    return found


def test_a_change_is_an_image_without_files_on_the_one_it_was(store: Store) -> None:
    below = built(store)
    image = set_config(store, below, SET, name=NewName("web"))
    forest = store.read()
    assert forest.images[image].parent == below
    assert forest.images[image].names == ("web",)
    assert os.listdir(store.path / store.layer(image) / "_data/root") == []
    assert config(store, image) == {"Env": ["A=2"], "Cmd": ["x"]}
    assert runs_as_noted(store, image) == b"Cmd=x\0Env=A=2\0"
    assert config(store, below) == {}
    made_by = effective_config(store, image)["history"][-1]
    assert made_by["created_by"] == "plash config --env A=2 --cmd '[\"x\"]'"
    assert made_by["empty_layer"] is True


def test_a_change_begins_with_the_nearest_config_below(store: Store) -> None:
    shelf = Shelf()
    shelf.image(
        "a",
        [tar_of({"a": "a"})],
        platform="linux/arm64",
        history=[{"created_by": "ADD"}],
        Env=["A=1", "B=1"],
    )
    image = pulled(store, shelf, "a").id
    before = notes(store, image)
    child = set_config(store, built(store, image), SET)
    assert config(store, child) == {"Env": ["A=2", "B=1"], "Cmd": ["x"]}
    held = notes(store, child)["config"]
    assert held["architecture"] == "arm64"
    assert held.keys() == {"os", "architecture", "config"}
    assert [one.get("created_by") for one in effective_config(store, child)["history"]][
        :2
    ] == ["ADD", "make x"]
    assert notes(store, image) == before


def test_in_place_what_is_built_on_it_changes_with_it(store: Store) -> None:
    image = set_config(store, built(store), Changes(env=("A=1",), user="me"))
    above = built(store, image)
    other = set_config(store, image, Changes(user="other"))
    was = store.path / store.layer(image)
    born, files = (was / "_data").stat().st_mtime_ns, {*os.listdir(was / "_meta")}
    assert set_config(store, image, SET, amend=True, name=NewName("web")) == image
    assert config(store, image) == {"Env": ["A=2"], "Cmd": ["x"], "User": "me"}
    assert config(store, above) == config(store, image)
    assert config(store, other) == {"Env": ["A=1"], "User": "other"}
    assert b"A=2" in runs_as_noted(store, image)
    assert store.get_name("web") == image
    assert (was / "_data").stat().st_mtime_ns == born
    assert {*os.listdir(was / "_meta")} == files
    assert leftovers(store.path) == []
    by = effective_config(store, image)["history"][-1]["created_by"]
    assert by == ("plash config --env A=1 --user me --env A=2 --cmd '[\"x\"]'")


def test_in_place_a_layer_keeps_what_made_it(store: Store) -> None:
    image = built(store)
    before = notes(store, image)
    set_config(store, image, SET, amend=True)
    after = notes(store, image)
    assert after.pop("config")["config"]["Env"] == ["A=2"]
    assert after == before


def test_an_image_of_the_old_program_gets_a_config_in_place(store: Store) -> None:
    image = built(store)
    shutil.rmtree(meta(store, image))
    set_config(store, image, SET, amend=True)
    assert runs_as_noted(store, image) == b"Cmd=x\0Env=A=2\0"


def test_a_pulled_image_and_its_layers_stay_as_they_came(store: Store) -> None:
    shelf = Shelf()
    shelf.image("a", [tar_of({"a": "a"}), tar_of({"b": "b"})])
    shelf.image("b", [tar_of({"a": "a"}), tar_of({"b": "b"})], User="b")
    images = [pulled(store, shelf, tag).id for tag in "ab"]
    for image in (1, *images):
        before = notes(store, image)
        with pytest.raises(PlashError, match=r"was pulled.*Leave out --amend"):
            set_config(store, image, SET, amend=True)
        assert notes(store, image) == before
    assert leftovers(store.path) == []


@pytest.mark.parametrize("amend", [False, True])
def test_a_wrong_change_makes_nothing(store: Store, amend: bool) -> None:
    image = built(store)
    set_name(store, "taken", built(store))
    before, images = notes(store, image), set(store.read().images)
    for changes, name in (
        (Changes(env=("A=1", "1=2")), ""),
        (Changes(env=tuple(f"A{n}={'x' * 90_000}" for n in range(12))), ""),
        (SET, "taken"),
        (SET, ".."),
    ):
        with pytest.raises((PlashError, NameTaken)):
            set_config(store, image, changes, amend=amend, name=NewName(name))
    assert set(store.read().images) == images
    assert notes(store, image) == before
    assert leftovers(store.path) == []


def test_where_directories_cannot_be_exchanged_the_way_out_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = built(store)
    before = notes(store, image)

    def refused(_one: Path, _other: Path) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(operation, "exchange", refused)
    with pytest.raises(PlashError, match=r"Invalid argument\. Leave out --amend"):
        set_config(store, image, SET, amend=True)
    assert notes(store, image) == before
    assert leftovers(store.path) == []


def test_killed_in_place_it_is_the_old_config_or_the_new_one(store: Store) -> None:
    image = set_config(store, built(store), Changes(env=("A=1",)))
    seen = set()
    for step in range(100):
        copy = Store(store.path.with_name(f"copy-{step}"))
        shutil.copytree(store.path, copy.path, symlinks=True)
        died = killed(copy, step, partial(set_config, copy, image, SET, amend=True))
        assert (meta(copy, image) / "usage.json").exists()
        seen.add(runs_as_noted(copy, image))
        shutil.rmtree(copy.path)
        if not died:
            break
    else:
        pytest.fail("it does not end")
    assert seen == {b"Env=A=1\0", b"Cmd=x\0Env=A=2\0"}


def test_a_long_change_does_not_make_a_long_origin(store: Store) -> None:
    image = set_config(store, built(store), Changes(env=("A=" + "x" * 90_000,)))
    assert len(store.read().images[image].origin) == 1000
    assert config(store, image)["Env"][0].endswith("xxx")


def test_a_config_of_another_kind_is_as_good_as_none(store: Store) -> None:
    strange = commit_config(store, built(store), "x", {"config": [1]}, {})
    assert config(store, set_config(store, strange, SET)) == {
        "Env": ["A=2"],
        "Cmd": ["x"],
    }
