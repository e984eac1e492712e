"""Images leave to registries: what is missing there, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import trees
from tests.people import Person
from tests.registries import Registries
from tests.tools import leftovers
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import as_kept_by, look_into
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn

CHANGES = (
    "cd /; PATH=/bin; b=/bin/busybox; $b rm -r d/e; $b rm -r opaque; $b mkdir opaque;"
    " echo more >opaque/more; echo own >own; $b ln own again; $b ln -s own link;"
    " $b chmod 0700 d; $b touch -d @1234567890 own; $b mkfifo fifo"
)


@pytest.fixture
def place(shop: Registries, playground: Path) -> str:
    """A repository of the test's own, in front of a tag."""
    own = re.sub(r"[^a-z0-9]+", "-", str(playground).lower()).strip("-")
    return f"{shop.plain}/{own}"


def raw(name: str, *words: str) -> Any:
    """The manifest of an image, or its config, as skopeo sees it."""
    command = ["skopeo", "inspect", "--raw", "--tls-verify=false", *words]
    done = subprocess.run([*command, f"docker://{name}"], capture_output=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def own(plashui: Run, shop: Registries) -> str:
    """An image of our own, on one that was pulled."""
    base = plashui("pull:oci", f"{shop.plain}/shop/box:two").stdout.strip()
    done = plashui("build", base, "/bin/busybox", "sh", "-c", CHANGES)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_own_image_is_what_umoci_unpacks_of_it(
    plashui: Run,
    person: Person,
    store: Path,
    own: str,
    place: str,
    playground: Path,
    real: RealImages,
) -> None:
    done = plashui("push:oci", own, f"{place}:own")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{place}:own@sha256:")
    layout = playground.parent / f"{playground.name}-layout"
    copy = ["skopeo", "copy", "-q", "--src-tls-verify=false"]
    real("sh", "-c", f"{' '.join(copy)} docker://{place}:own oci:{layout}:it")
    real("umoci", "unpack", "--image", f"{layout}:it", layout / "seen")
    seen = as_kept_by(person, trees.look(real.root, layout / "seen/rootfs"))
    found = look_into(person, store, own)
    found["."]["time"] = seen["."]["time"]
    assert found == seen
    shutil.rmtree(layout)
    assert leftovers(store) == []


def test_an_own_image_comes_back_as_it_left(
    plashui: Run, person: Person, store: Path, own: str, place: str
) -> None:
    told = plashui("push:oci", own, f"{place}:own").stdout.strip()
    again = plashui("pull:oci", told, "--name", "again")
    assert again.returncode == 0, again.stderr
    image = again.stdout.strip()
    # The layers are those that left: only a config is new.
    assert plashui("parent", image).stdout.strip() == own
    before, after = (look_into(person, store, one) for one in (own, image))
    after["."]["time"] = before["."]["time"]
    assert after == before
    # What left once leaves the same way, from wherever.
    back = plashui("push:oci", image, f"{place}:back").stdout.strip()
    assert back.partition("@")[2] == told.partition("@")[2]


@pytest.mark.parametrize("tag", ["one", "two", "zstd", "built"])
def test_a_pulled_image_leaves_as_the_same_image(
    plashui: Run, shop: Registries, place: str, tag: str
) -> None:
    source = f"{shop.plain}/shop/box:{tag}"
    image = plashui("pull:oci", source).stdout.strip()
    done = plashui("push:oci", image, f"{place}:{tag}")
    assert done.returncode == 0, done.stderr
    assert "all there already" in done.stderr  # taken over from the other repository
    before, after = raw(source), raw(f"{place}:{tag}")
    assert after["config"]["digest"] == before["config"]["digest"]
    assert [one["digest"] for one in after["layers"]] == [
        one["digest"] for one in before["layers"]
    ]


def test_where_the_layers_are_not_they_are_made_again(
    plashui: Run, shop: Registries, place: str, real: RealImages
) -> None:
    image = plashui("pull:file", "--ref", "two", real.layout).stdout.strip()
    done = plashui("push:oci", "--compression", "zstd", image, f"{place}:made")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 layers sent" in done.stderr
    before, after = raw(f"{shop.plain}/shop/box:two"), raw(f"{place}:made")
    assert after["config"]["digest"] == before["config"]["digest"]
    assert {one["mediaType"] for one in after["layers"]} == {
        "application/vnd.oci.image.layer.v1.tar+zstd"
    }


def test_only_what_is_missing_travels(plashui: Run, own: str, place: str) -> None:
    base = plashui("parent", own).stdout.strip()
    plashui("map", "a base", base)
    assert plashui("push:oci", "a base", f"{place}:base").returncode == 0
    sent = plashui("push:oci", own, f"{place}:own")
    assert "1 of 3 layers sent" in sent.stderr
    again = plashui("push:oci", own, f"{place}:again")
    assert "3 layers, all there already" in again.stderr
    assert again.stdout.partition("@")[2] == sent.stdout.partition("@")[2]
    elsewhere = plashui("push:oci", own, f"{place}-too:own")
    assert "3 layers, all there already" in elsewhere.stderr


def test_the_same_image_has_the_same_digest_from_another_machine(
    plashui: Run, person: Person, store: Path, own: str, place: str
) -> None:
    first = plashui("push:oci", own, f"{place}:first").stdout.partition("@")[2]
    copy = store.with_name("copy")
    person.run(
        [person.bin / "plash", "sudo", "cp", "-a", store, copy],
        env={"PLASH_DATA": str(store)},
        check=True,
    )
    shutil.rmtree(copy / "memory", ignore_errors=True)
    for note in copy.glob("layer/**/_meta/blobs.json"):
        note.unlink()
    second = person.run(
        [person.bin / "plashui", "push:oci", own, f"{place}:second"],
        env={"PLASH_DATA": str(copy)},
    )
    assert second.stdout.partition("@")[2] == first, second.stderr


def test_source_date_epoch_limits_the_times_of_own_layers(
    plashui: Run, person: Person, store: Path, own: str, place: str
) -> None:
    env = {"PLASH_DATA": str(store), "SOURCE_DATE_EPOCH": "1000000000"}
    words = [person.bin / "plashui", "push:oci", own, f"{place}:old"]
    done = person.run(words, env=env)
    assert done.returncode == 0, done.stderr
    config = raw(f"{place}:old", "--config")
    assert config["created"] == "2001-09-09T01:46:40Z"
    image = plashui("pull:oci", f"{place}:old", "--name", "old").stdout.strip()
    told = plashui("run", image, "/bin/busybox", "stat", "-c", "%Y", "/own").stdout
    assert told == "1000000000\n"


def test_login_and_annotations(
    plashui: Run, person: Person, store: Path, shop: Registries, own: str, place: str
) -> None:
    path = place.partition("/")[2]
    env = {"PLASH_DATA": str(store), "SSL_CERT_FILE": str(shop.authority)}
    words = [person.bin / "plashui", "push:oci", own, f"{shop.safe}/{path}:own"]
    done = person.run(words, env=env)
    assert (done.returncode, f"plash login {shop.safe}" in done.stderr) == (1, True), (
        done.stderr
    )
    notes = ["--annotation", "org.example.note=a=b"]
    assert plashui("push:oci", *notes, own, f"{place}:noted").returncode == 0
    assert raw(f"{place}:noted")["annotations"] == {"org.example.note": "a=b"}
    assert plashui("push:oci", "--annotation", "x", own, f"{place}:x").returncode == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x@sha256:" + "0" * 64, "a digest is what a push results in"),
        ("team/Upper", "in lower case"),
        ("127.0.0.1:1/none:1", "cannot reach 127.0.0.1:1"),
        ("", "it is empty"),
    ],
)
def test_a_wrong_name_is_refused(plashui: Run, own: str, name: str, says: str) -> None:
    done = plashui("push:oci", own, name)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_a_push_that_is_killed_sets_no_tag_and_the_next_one_completes(
    plashui: Run,
    person: Person,
    store: Path,
    own: str,
    place: str,
) -> None:
    words = [person.bin / "plashui", "push:oci", own, f"{place}:cut"]
    for seconds in (0.2, 0.5, 0.8):
        push = person.start(words, env={"PLASH_DATA": str(store)})
        try:
            push.wait(seconds)
        except subprocess.TimeoutExpired:
            push.kill()
            push.wait()
    done = plashui("push:oci", own, f"{place}:cut")
    assert done.returncode == 0, done.stderr
    assert len(raw(f"{place}:cut")["layers"]) == 3
    assert leftovers(store) == []
