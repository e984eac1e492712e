"""Images of real programs come in as those programs see them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import trees
from tests.people import Person
from tests.tools import images, leftovers
from tests.transfer.oci.images import Shelf, tar_of
from tests.verbs.conftest import Run
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn


def as_kept_by(person: Person, seen: trees.Tree) -> trees.Tree:
    """What a person can have of a tree: no devices, no owners without ids for them."""
    found = {}
    for path, row in seen.items():
        if person.map == "root" or not row.get("device"):
            found[path] = {**row, "attributes": attributes(person, row)}
        if person.map == "single" and path in found:
            found[path]["owner"] = [0, 0]
    return found


def attributes(person: Person, row: dict[str, object]) -> dict[str, str]:
    """Attributes without those that keep owners, and lists of users without ids."""
    left_out: tuple[str, ...] = ("user.containers.", "user.overlay.")
    left_out += ("system.posix_acl_",) if person.map == "single" else ()
    found = row["attributes"]
    assert isinstance(found, dict)
    return {key: value for key, value in found.items() if not key.startswith(left_out)}


def look_into(person: Person, store: Path, image: str) -> trees.Tree:
    """An image, without what keeps owners."""
    found = trees.look_into(person, store, image)
    return {
        path: {**row, "attributes": attributes(person, row)}
        for path, row in found.items()
    }


@pytest.mark.in_turn(False)
@pytest.mark.parametrize("tag", ["one", "two", "zstd", "built"])
def test_an_image_is_file_by_file_what_umoci_unpacks(
    plashui: Run, person: Person, store: Path, real: RealImages, tag: str
) -> None:
    done = plashui("pull:file", "--ref", tag, real.layout)
    assert done.returncode == 0, done.stderr
    found = look_into(person, store, done.stdout.strip())
    expected = as_kept_by(person, real.seen(tag))
    if tag == "built":  # none of its layers says anything of the root
        found["."]["time"] = expected["."]["time"]
    for path, row in expected.items():
        assert found[path] == row, path
    assert found.keys() == expected.keys()
    assert leftovers(store) == []
    assert not (store / "downloads").exists()


def test_the_same_image_is_the_same_whatever_holds_it(
    plashui: Run, person: Person, store: Path, real: RealImages, playground: Path
) -> None:
    docker, oci = playground / "docker.tar", playground / "oci.tar"
    source = f"oci:{real.image('two')}"
    for target in (f"docker-archive:{docker}:x/y:1", f"oci-archive:{oci}:two"):
        real_copy = ["skopeo", "copy", "-q", source, target]
        subprocess.run(real_copy, check=True, capture_output=True)
    subprocess.run(["gzip", "-k", docker], check=True)
    for path in (docker, oci, docker.with_name("docker.tar.gz")):
        path.chmod(0o644)
    first = plashui("pull:file", "--ref", "two", real.layout)
    assert (first.returncode, first.stdout) == (0, "2\n"), first.stderr
    for path in (oci, docker, docker.with_name("docker.tar.gz")):
        done = plashui("pull:file", path)
        assert done.returncode == 0, done.stderr
        # docker's config says the same, but in other words.
        assert done.stdout in ("2\n", "3\n")
        assert "2" in plashui("history", done.stdout.strip()).stdout
    assert images(store) in ([1, 2], [1, 2, 3])
    assert plashui("id", "x/y:1").returncode == 0
    assert "x/y:1" in plashui("ls").stdout
    assert os.listdir(store / "map") == ["x%y:1"]
    assert person.uid == store.stat().st_uid


def test_the_price_is_said_and_nothing_is_made(
    plashui: Run, store: Path, real: RealImages
) -> None:
    done = plashui("pull:file", "--ref", "two", "--dry-run", real.layout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        *("platform", "layers", "to", "on", "free")
    ]
    assert images(store) == []
    assert plashui("pull:file", "--ref", "one", real.layout).stdout == "1\n"
    done = plashui("pull:file", "--ref", "two", "--dry-run", "--json", real.layout)
    price = json.loads(done.stdout)
    assert [layer["here"] for layer in price["layers"]] == [True, False]
    assert price["fetch"] == price["layers"][1]["size"]
    assert price["image"] is None


def test_the_config_is_kept_with_the_image_and_honoured(
    plashui: Run, plash: Run, store: Path, real: RealImages
) -> None:
    image = plashui("pull:file", "--ref", "built", real.layout).stdout.strip()
    link = (store / "index" / image).resolve()
    notes = json.loads((link / "_meta/image.json").read_text())
    assert notes["config"]["config"]["Env"][-1] == "COLOUR=green"
    assert b"Env=COLOUR=green\0" in (link / "_meta/run.conf").read_bytes()
    shell = ("/bin/busybox", "sh", "-c", "echo $COLOUR; /bin/busybox ls /var")
    done = plash("run", "--isolate", image, *shell)
    assert (done.returncode, done.stdout) == (0, "green\nx\n"), done.stderr


def test_history_tells_what_made_each_layer_and_show_the_config(
    plashui: Run, real: RealImages
) -> None:
    image = plashui("pull:file", "--ref", "built", real.layout).stdout.strip()
    steps = json.loads(plashui("history", "--json", image).stdout)
    shown = plashui("show", image).stdout.splitlines()
    config = json.loads(plashui("show", "--json", image).stdout)
    for key, value in (
        ("runs", "/bin/busybox id"),
        ("platform", config["oci"]["platform"]),
        ("manifest", config["oci"]["manifest"]),
    ):
        assert f"{key:<13} {value}" in shown
    assert any(line.endswith("COLOUR=green") for line in shown)
    listed = config["config"]["history"]
    assert [step["created_by"] for step in steps] == [
        step["created_by"] for step in reversed(listed)
    ]
    assert [step["id"] is None for step in steps] == [
        step.get("empty_layer", False) for step in reversed(listed)
    ]
    assert [step["id"] for step in steps if step["id"]] == [3, 2, 1]
    assert {step["own"] for step in steps if step["id"] is None} == {0}
    lines = plashui("history", image).stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [str(s["id"] or "-") for s in steps]
    assert "CMD" in lines[0]
    assert "ENV COLOUR=green" in "".join(lines[:2])
    assert lines[0].split()[:3] == ["-", "-", "-"]
    first, second, third = (line for line in lines if line.split()[0] != "-")
    # As buildah made it.
    assert "/opt/new /etc" in first
    assert "layer 2 of 3: " in second
    assert "rm -r /opt && mkdir /opt" in second
    assert "COPY" in third


def test_an_image_for_another_machine_is_taken_with_a_word(
    plashui: Run, playground: Path
) -> None:
    shelf = Shelf()
    shelf.image("it", [tar_of({"a": "a"})], platform="linux/s390x")
    layout = shelf.layout(playground / "foreign", "it")
    for words in ((), (), ("--dry-run",)):
        done = plashui("pull:file", *words, layout)
        assert done.returncode == 0
        assert done.stderr.startswith("the image is for linux/s390x, and this machine")
        assert done.stderr.count("\n") == 1
    done = plashui("pull:file", "--platform", "linux/s390x", layout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
    assert "platform      linux/s390x\n" in plashui("show", "1").stdout


def test_a_root_filesystem_is_one_image_and_takes_no_options_of_layers(
    plashui: Run, store: Path, busybox_tar: Path, playground: Path
) -> None:
    done = plashui("pull:file", "--name", "box", busybox_tar)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert (store / "map/box").exists()
    packed = playground / "box.tar.gz"
    with packed.open("wb") as file:
        subprocess.run(["gzip", "-c", busybox_tar], stdout=file, check=True)
    packed.chmod(0o644)
    assert plashui("pull:file", packed).stdout == "2\n"
    for words in (["--ref", "x"], ["--platform", "linux/arm"], ["--dry-run"]):
        done = plashui("pull:file", *words, busybox_tar)
        assert done.returncode == 1
        assert f"there is no {words[0]}" in done.stderr


def test_pulls_are_cached_and_remembered_like_all_that_make_images(
    plash: Run, real: RealImages
) -> None:
    words = ("pull:file", "--ref", "one", str(real.layout))
    assert plash("cache", *words).stdout == "1\n"
    assert plash("cache", *words).stdout == "1\n"
    assert plash("do", *words).stdout == "1\n"
    assert plash("recall", "id").stdout == "1\n"
