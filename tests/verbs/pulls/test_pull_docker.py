"""Images come from docker or podman with their layers, and nothing stays there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.fake_docker import fake_docker
from tests.verbs.pulls.test_pull_file import as_kept_by, look_into
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn

Fake = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def place(playground: Path, real: RealImages) -> Path:
    """The directory of a program that answers as docker does."""
    return fake_docker(playground / "fake", real)


@pytest.fixture
def run(person: Person, store: Path, place: Path) -> Fake:
    """Run plashui where that is docker."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        path = f"{place}:{person.environment()['PATH']}"
        env = {"PLASH_DATA": str(store), "PATH": path}
        return person.run([person.bin / "plashui", *words], env=env)

    return run


def asked(place: Path) -> list[str]:
    """What docker was asked for."""
    lines = (place / "asked").read_text().splitlines()
    (place / "asked").unlink()
    return lines


def test_an_image_that_is_there_is_taken_and_stays(
    run: Fake, place: Path, store: Path
) -> None:
    (place / "there").touch()
    done = run("pull:docker", "x/y:1")
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert asked(place) == ["image inspect -- x/y:1", "save -- x/y:1"]
    assert run("id", "x/y:1").stdout == "2\n"
    assert run("import-docker", "x/y:1").stdout == "2\n"
    assert leftovers(store) == []
    assert (place / "there").exists()


def test_one_that_is_not_there_is_fetched_and_removed_again(
    run: Fake, place: Path, store: Path
) -> None:
    (place / "pullable").touch()
    done = run("pull:docker", "x/y:1")
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert asked(place) == [
        *("image inspect -- x/y:1", "pull -- x/y:1", "save -- x/y:1"),
        "image rm -- x/y:1",
    ]
    assert not (place / "there").exists()
    (place / "broken").touch()
    done = run("pull:docker", "x/y:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot save x/y:1: docker says: unexpected EOF" in done.stderr
    assert asked(place)[-1] == "image rm -- x/y:1"
    assert images(store) == [1, 2]
    assert leftovers(store) == []


def test_the_price_of_one_that_is_not_there_is_not_known_and_nothing_is_fetched(
    run: Fake, place: Path, store: Path
) -> None:
    (place / "pullable").touch()
    done = run("pull:docker", "--dry-run", "x/y:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "docker would fetch x/y:1 first, and only then its price is" in done.stderr
    assert "`plash pull:oci --dry-run x/y:1` asks its registry" in done.stderr
    assert asked(place) == ["image inspect -- x/y:1"]
    (place / "there").touch()
    assert run("pull:docker", "--dry-run", "--pull", "x/y:1").returncode == 1
    done = run("pull:docker", "--dry-run", "x/y:1")
    assert done.stdout.startswith("platform ")
    assert "pull -- x/y:1" not in asked(place)
    assert images(store) == []


def test_pull_looks_for_a_newer_one(run: Fake, place: Path) -> None:
    for name in ("there", "pullable"):
        (place / name).touch()
        (place / name).chmod(0o666)
    assert run("pull:docker", "--pull", "--name", "mine", "x/y:1").returncode == 0
    assert asked(place)[1:] == ["pull -- x/y:1", "save -- x/y:1"]
    assert run("id", "mine").stdout == "2\n"


def test_what_docker_says_is_passed_on(run: Fake, place: Path, store: Path) -> None:
    done = run("pull:docker", "--", "-x")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot pull -x: docker says: Error: no such image" in done.stderr
    (place / "there").touch()
    (place / "archive").write_text("not a tar")
    done = run("pull:docker", "x")
    assert "docker saves x in a form that is not known" in done.stderr
    assert images(store) == []


def test_without_either_it_says_what_needs_none(
    person: Person, store: Path, playground: Path
) -> None:
    (playground / "setpriv").symlink_to(shutil.which("setpriv") or "")
    env = {"PLASH_DATA": str(store), "PATH": str(playground)}
    for verb, says in (
        ("pull:docker", "neither docker nor podman is installed"),
        ("pull:podman", "podman is not installed"),
    ):
        done = person.run([person.bin / "plashui", verb, "x"], env=env)
        assert done.returncode == 1
        assert says in done.stderr
        assert "pull:oci" in done.stderr


@pytest.mark.in_turn(False)
def test_an_image_of_podman_is_file_by_file_what_umoci_unpacks(
    person: Person, store: Path, real: RealImages, playground: Path, base: Path
) -> None:
    if not shutil.which("podman"):
        cannot("podman is not installed")
    if person.map != "root":
        pytest.skip("podman of a plain user keeps its images below its home")
    conf = playground / "storage.conf"
    conf.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{playground}/graph"\n'
        f'runroot = "{base}/run"\n'
    )
    env = {**os.environ, "CONTAINERS_STORAGE_CONF": str(conf)}
    target = "containers-storage:localhost/built:1"
    words = ["skopeo", "copy", "-q", f"oci:{real.image('built')}", target]
    subprocess.run(words, check=True, capture_output=True, env=env)
    ours = {"PLASH_DATA": str(store), "CONTAINERS_STORAGE_CONF": str(conf)}
    done = person.run(
        [person.bin / "plashui", "pull:podman", "localhost/built:1"], env=ours
    )
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    found = look_into(person, store, "3")
    expected = as_kept_by(person, real.seen("built"))
    found["."]["time"] = expected["."]["time"]
    assert found == expected
