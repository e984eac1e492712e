"""Images leave as files that other engines load."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests import trees
from tests.people import Person
from tests.tools import leftovers
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import as_kept_by, look_into
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn

NAME = "registry.example.org/team/web:1"


@pytest.fixture
def own(plashui: Run, real: RealImages) -> str:
    """An image of our own, on one that was pulled."""
    base = plashui("pull:file", "--ref", "two", real.layout).stdout.strip()
    words = ["/bin/busybox", "sh", "-c", "cd /; echo own >own; /bin/busybox rm -r d"]
    return plashui("build", base, *words).stdout.strip()


@pytest.fixture
def loadable(plashui: Run, real: RealImages) -> str:
    """The same without what podman and docker stumble over.

    In `two` a file takes the place of a directory that a removal is in.
    """
    base = plashui("pull:file", "--ref", "built", real.layout).stdout.strip()
    words = ["/bin/busybox", "sh", "-c", "echo own >/own"]
    return plashui("build", base, *words).stdout.strip()


@pytest.fixture
def written(playground: Path, person: Person) -> Path:
    """A directory for files."""
    place = playground / "written"
    place.mkdir()
    return person.give(place)


def inside(path: Path) -> dict[str, bytes]:
    """What is in a tar."""
    found = {}
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            found[member.name] = file.read()
    return found


def loads(raw: bytes) -> Any:
    """JSON."""
    return json.loads(raw)


def test_a_layout_is_what_the_specification_says(
    plashui: Run, own: str, written: Path
) -> None:
    done = plashui("push:file", "--name", NAME, own, written / "x.oci.tar")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith("3 layers, ")
    found = inside(written / "x.oci.tar")
    assert loads(found["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    blobs = {name: raw for name, raw in found.items() if name.startswith("blobs/")}
    for name, raw in blobs.items():
        assert name == f"blobs/sha256/{hashlib.sha256(raw).hexdigest()}"
    (entry,) = loads(found["index.json"])["manifests"]
    assert entry["annotations"]["io.containerd.image.name"] == NAME
    manifest = loads(blobs["blobs/" + entry["digest"].replace(":", "/")])
    assert len(manifest["layers"]) == 3
    assert len(blobs) == 5
    assert os.listdir(written) == ["x.oci.tar"]


def test_the_same_image_gives_the_same_bytes_also_to_a_pipe(
    plashui: Run, person: Person, store: Path, own: str, written: Path
) -> None:
    first, second = written / "first.docker.tar", written / "second.docker.tar"
    assert plashui("push:file", own, first).returncode == 0
    assert plashui("push:file", "--jobs", "1", own, second).returncode == 0
    assert first.read_bytes() == second.read_bytes()
    words = [person.bin / "plashui", "push:file", "--format", "docker", own]
    piped = person.start(
        words, env={"PLASH_DATA": str(store)}, stdout=subprocess.PIPE, stderr=-3
    )
    assert piped.communicate()[0] == first.read_bytes()


def test_a_reader_that_goes_away_ends_it_quietly(
    person: Person, store: Path, own: str
) -> None:
    words = f"{person.bin}/plashui push:file {own} | head -c 100 | wc -c"
    done = person.run(["sh", "-c", words], env={"PLASH_DATA": str(store)})
    assert (done.stdout, done.stderr) == ("100\n", "")


def test_it_comes_back_as_it_left(
    plashui: Run, person: Person, store: Path, own: str, written: Path
) -> None:
    for name in ("x.oci.tar", "x.docker.tar"):
        assert plashui("push:file", own, written / name).returncode == 0
        done = plashui("pull:file", written / name)
        assert done.returncode == 0, done.stderr
        after = look_into(person, store, done.stdout.strip())
        before = look_into(person, store, own)
        after["."]["time"] = before["."]["time"]
        assert after == before
    assert leftovers(store) == []


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_umoci_unpacks_what_we_see(
    plashui: Run,
    person: Person,
    store: Path,
    own: str,
    written: Path,
    real: RealImages,
    compression: str,
) -> None:
    file = written / "x.oci.tar"
    words = ["push:file", "--compression", compression, "--name", NAME, own, file]
    assert plashui(*words).returncode == 0
    layout = written / "layout"
    real("sh", "-c", f"skopeo copy -q oci-archive:{file} oci:{layout}:it")
    if compression == "zstd":  # which umoci does not read
        real("sh", "-c", f"skopeo inspect oci:{layout}:it >{written}/told")
        return
    real("umoci", "unpack", "--image", f"{layout}:it", layout / "seen")
    seen = as_kept_by(person, trees.look(real.root, layout / "seen/rootfs"))
    found = look_into(person, store, own)
    found["."]["time"] = seen["."]["time"]
    assert found == seen
    real("rm", "-rf", layout)


@pytest.mark.in_turn(False)
def test_podman_loads_both_kinds(
    plashui: Run,
    person: Person,
    loadable: str,
    written: Path,
    real: RealImages,
) -> None:
    if person.map != "root":
        pytest.skip("podman of a plain user keeps its images below its home")
    for file in ("x.oci.tar", "x.docker.tar"):
        words = ["push:file", "--name", NAME, loadable, written / file]
        assert plashui(*words).returncode == 0
        real("sh", "-c", f"podman load -q -i {written / file} >{written / 'told'}")
        assert (written / "told").read_text() == f"Loaded image: {NAME}\n"
        real("podman", "rmi", "-f", NAME)


@pytest.mark.in_turn(False)
def test_docker_loads_its_kind(
    plashui: Run, person: Person, loadable: str, written: Path, dockerd_socket: Path
) -> None:
    if person.map != "root":
        pytest.skip("only root speaks with this docker")
    file = written / "x.docker.tar"
    assert plashui("push:file", "--name", "team/web:3", loadable, file).returncode == 0
    docker = ["docker", "-H", f"unix://{dockerd_socket}"]
    done = subprocess.run(
        [*docker, "load", "-q", "-i", str(file)], capture_output=True, text=True
    )
    assert done.stdout == "Loaded image: team/web:3\n", done.stderr
    subprocess.run([*docker, "image", "rm", "-f", "team/web:3"], check=True)


def test_nothing_half_made_appears(plashui: Run, own: str, written: Path) -> None:
    old = written / "x.oci.tar"
    old.write_text("old")
    done = plashui("push:file", "--name", "WRONG", own, old)
    assert (done.returncode, old.read_text()) == (1, "old")
    for name in ("x.oci.tar.gz", "x.tgz"):
        done = plashui("push:file", own, written / name)
        assert done.returncode == 1
        assert "its layers are compressed already" in done.stderr
    done = plashui("push:file", own, written / "none/x.oci.tar")
    assert done.returncode == 1
    assert os.listdir(written) == ["x.oci.tar"]


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("x.oci.tar", "push:file 3 ./x.oci.tar"),
        ("x.docker.tar", "push:file 3 ./x.docker.tar"),
        ("x.tar.zst", "push:tarfile 3 ./x.tar.zst"),
        ("x.sqsh", "push:squashfs 3 ./x.sqsh"),
        ("copy/", "push:dir 3 ./copy/"),
    ],
)
def test_push_finds_out_what_a_word_means(
    plashui: Run, own: str, written: Path, word: str, verb: str
) -> None:
    done = plashui("push", own, word, cwd=written)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(verb.replace("3", own, 1))
    assert len(os.listdir(written)) == 1


def test_push_to_a_url_says_what_to_do(plashui: Run, own: str) -> None:
    done = plashui("push", own, "https://registry.example.org/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Name a registry without `https://`" in done.stderr
