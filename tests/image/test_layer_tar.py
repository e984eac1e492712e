"""What leaves the store is what the image shows, whoever unpacks it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.image.layer_tar import LayerTar, has_layer, write_layer
from plashui.store.store import Store
from tests import trees
from tests.conftest import Verb, cannot
from tests.people import Person
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, tar_of

CHANGES: Final = (
    "rm -r /gone /opaque && mkdir /opaque && echo new >/opaque/new && rm /d/none &&"
    " mkdir -p /d/none/now && chmod 0711 /d && ln /d/able /d/again && rm /d/link &&"
    " mv /d/e /d/moved && rm -r /long && echo file >/long && ln -s nowhere /new"
)
AGAIN: Final = (
    "rm -r /opaque/new /d/none && echo >/d/none && touch /gone && chmod 700 /"
)


@pytest.fixture
def layout(person: Person, store: Path, playground: Path) -> Callable[..., Any]:
    """Write an image as a layout of this name."""
    program = person.program(__file__, "write_layout.py")

    def write(image: str, name: str, source: Path = store) -> dict[str, Any]:
        words = [person.bin / "python3", program, source, image, playground / name]
        found: dict[str, Any] = json.loads(person.run(words, check=True).stdout)
        return found

    return write


@pytest.fixture
def built(person: Person, plash: Verb, playground: Path) -> str:
    """An image of four layers: pulled, stacked, and built twice."""
    shelf = Shelf()
    base = {"gone": None, "gone/y": "y", "opaque": None, "opaque/y": "y", "d": None}
    shelf.image("base", [tar_of({**base, "d/below": "x"})])
    image = person.run(
        [
            person.bin / "plashui",
            "pull:file",
            shelf.layout(playground / "base", "base"),
        ],
        env={"PLASH_DATA": str(playground / "store")},
        check=True,
    ).stdout.strip()
    tree = trees.make(person, playground / "tree")
    image = plash("stack", image, tree, check=True).stdout.strip()
    for change in (CHANGES, AGAIN):
        words = ("build", image, "/bin/sh", "-c", change)
        image = plash(*words, check=True).stdout.strip()
    return image


def plain(tree: trees.Tree, *others: str) -> trees.Tree:
    """A tree without what a tar cannot say, and what keeps owners in a store."""
    ours = ("user.containers.", "user.overlay.", *others)
    for row in tree.values():
        row.pop("sparse", None)
        row["attributes"] = {
            key: value
            for key, value in row["attributes"].items()
            if not key.startswith(ours)
        }
    return tree


def run(*words: str | Path, **options: Any) -> str:
    """Run a program that others made; its output."""
    if not shutil.which(str(words[0])):
        cannot(f"{words[0]} is not installed")
    done = subprocess.run(words, check=False, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


def by_umoci(place: Path) -> Path:
    """Where umoci unpacks the layout."""
    run("umoci", "unpack", "--image", f"{place}/layout:it", place / "umoci")
    return place / "umoci/rootfs"


def by_buildah(place: Path) -> Path:
    """Where buildah does, as podman would; of this kind of store without lists."""
    conf = place / "storage.conf"
    conf.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{place}/graph"\n'
        f'runroot = "{place}/run"\n'
    )
    env = {**os.environ, "CONTAINERS_STORAGE_CONF": str(conf)}
    stored = "containers-storage:localhost/it"
    run("skopeo", "copy", "-q", f"oci:{place}/layout:it", stored, env=env)
    container = run(
        "buildah", "from", "--quiet", "--pull=false", "localhost/it", env=env
    )
    return Path(run("buildah", "mount", container, env=env))


def test_others_and_we_unpack_what_the_image_shows(
    person: Person,
    store: Path,
    playground: Path,
    built: str,
    layout: Callable[..., Any],
) -> None:
    wanted = plain(trees.look_into(person, store, built))
    assert {"./opaque/y", "./gone/y", "./d/link"}.isdisjoint(wanted)
    done = layout(built, "layout")
    assert done["exact"] == [True, False, False, False]
    assert done["said"] == ["1 socket left out: etc/socket"]
    other = playground / "other"
    words = [person.bin / "plashui", "pull:file", playground / "layout"]
    env = {"PLASH_DATA": str(other)}
    again = person.run(words, env=env, check=True).stdout.strip()
    seen = plain(trees.look_into(person, other, again))
    assert seen.keys() == wanted.keys()
    for path, row in wanted.items():
        assert seen[path] == row, path
    if person.map == "root":
        seen = plain(trees.look(person, by_umoci(playground)))
        assert seen.keys() == wanted.keys()
        for path, row in wanted.items():
            assert seen[path] == row, path
        seen = plain(trees.look(person, by_buildah(playground)))
        assert seen.keys() == wanted.keys()
        wanted["."]["time"] = seen["."]["time"]  # that of the new container
        for path, row in plain(wanted, "system.posix_acl_").items():
            assert seen[path] == row, path
    # What was pulled leaves as it came.
    env = {"PLASH_DATA": str(other)}
    assert layout(again, "back", other)["digests"] == done["digests"]


def test_a_layer_leaves_the_same_from_a_copy_of_the_store(
    plash: Verb,
    store: Path,
    playground: Path,
    built: str,
    layout: Callable[..., Any],
) -> None:
    done = layout(built, "one")
    assert layout(built, "two") == done
    copy = playground / "copy"
    plash("sudo", "cp", "-a", store, copy, check=True)
    assert layout(built, "three", copy) == done


def test_a_squashed_image_shows_the_same(
    person: Person,
    store: Path,
    playground: Path,
    built: str,
    layout: Callable[..., Any],
) -> None:
    wanted = plain(trees.look_into(person, store, built))
    env = {"PLASH_DATA": str(store)}
    squash = [person.bin / "plashui", "squash", built]
    image = person.run(squash, env=env, check=True).stdout.split()[-1]
    layout(image, "layout")
    other = {"PLASH_DATA": str(playground / "other")}
    words = [person.bin / "plashui", "pull:file", playground / "layout"]
    again = person.run(words, env=other, check=True).stdout.strip()
    seen = plain(trees.look_into(person, playground / "other", again))
    assert seen == wanted


def own(store: Store, image: int, **options: Any) -> LayerTar:
    """Write a tar to nowhere."""
    return write_layer(store, image, lambda _piece: None, **options)


@pytest.fixture
def own_store(tmp_path: Path) -> Store:
    """A store of the suite's own, empty."""
    return Store(tmp_path / "store")


def test_an_image_of_a_config_only_has_no_layer(own_store: Store) -> None:
    shelf = Shelf()
    for tag in "ab":
        shelf.image(tag, [tar_of({"f": "x"}), tar_of({})], Cmd=[tag])
    first, second = (pulled(own_store, shelf, tag).id for tag in "ab")
    assert [has_layer(own_store, one) for one in (1, first, second)] == [
        *(True, True, False)
    ]
    with pytest.raises(PlashError, match="no image 99"):
        has_layer(own_store, 99)


def test_a_pulled_layer_that_was_changed_is_not_passed_off(own_store: Store) -> None:
    shelf = Shelf()
    shelf.image("a", [tar_of({"f": "right"})])
    image = pulled(own_store, shelf, "a").id
    assert own(own_store, image).exact
    file = own_store.path / own_store.place(image) / "_data/root/f"
    file.write_text("wrong")
    with pytest.raises(PlashError, match="is not what was pulled"):
        own(own_store, image)


def test_without_its_recipe_a_layer_has_a_tar_of_its_own(own_store: Store) -> None:
    """Then times can be limited, and what it only implies is not in it."""
    shelf = Shelf()
    shelf.image("a", [tar_of({"d": None}), tar_of({"d/f": "x"})])
    image = pulled(own_store, shelf, "a").id
    assert own(own_store, image, clamp=1).exact
    (own_store.path / own_store.place(image) / "_meta/recipe.zlib").unlink()
    found = bytearray()
    done = write_layer(own_store, image, found.extend, clamp=1)
    assert (done.exact, done.left_out) == (False, ())
    assert len(found) == 512 * 4
    assert own(own_store, image).diff_id != done.diff_id


def test_an_image_of_the_old_program_has_a_layer(own_store: Store) -> None:
    shelf = Shelf()
    shelf.image("a", [tar_of({"f": "x"})])
    image = pulled(own_store, shelf, "a").id
    shutil.rmtree(own_store.path / own_store.place(image) / "_meta")
    assert has_layer(own_store, image)
    assert not own(own_store, image).exact


def test_a_cancel_ends_it(own_store: Store) -> None:
    shelf = Shelf()
    shelf.image("a", [tar_of({"f": b"x" * (4 << 20)})])
    image = pulled(own_store, shelf, "a").id
    cancel = Cancel()
    with pytest.raises(Cancelled):
        write_layer(own_store, image, lambda _piece: cancel.set(), cancel=cancel)
