"""What the real docker has comes layer by layer, and docker is left as it was."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import as_kept_by, look_into
from tests.verbs.real_images import RealImages

Docker = Callable[..., str]
Pull = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def docker(person: Person, dockerd_socket: Path) -> Docker:
    """Run docker; what it says."""
    if person.map != "root":
        pytest.skip("only root speaks with this docker")

    def run(*words: str | Path) -> str:
        done = subprocess.run(
            ["docker", "-H", f"unix://{dockerd_socket}", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def pull(person: Person, store: Path, dockerd_socket: Path) -> Pull:
    """Run `plashui pull:docker WORDS…`."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(store), "DOCKER_HOST": f"unix://{dockerd_socket}"}
        return person.run([person.bin / "plashui", "pull:docker", *words], env=env)

    return run


# docker refuses `two`: a file takes the place of a directory with a removal in it.
@pytest.mark.parametrize("tag", ["one", "built"])
def test_an_image_is_file_by_file_what_umoci_unpacks(
    docker: Docker,
    pull: Pull,
    person: Person,
    store: Path,
    real: RealImages,
    playground: Path,
    tag: str,
) -> None:
    archive = playground / "archive.tar"
    target = f"docker-archive:{archive}:here/it:{tag}"
    real("sh", "-c", f"skopeo copy -q oci:{real.image(tag)} {target}")
    docker("load", "-q", "-i", archive)
    done = pull(f"here/it:{tag}")
    assert done.returncode == 0, done.stderr
    found = look_into(person, store, done.stdout.strip())
    expected = as_kept_by(person, real.seen(tag))
    found["."]["time"] = expected["."]["time"]
    assert found == expected
    assert docker("image", "ls", "-q", "here/it")
    docker("image", "rm", f"here/it:{tag}")
    assert leftovers(store) == []


def test_one_that_is_not_there_is_fetched_and_removed_again(
    docker: Docker, pull: Pull, plashui: Run, store: Path, registries: Registries
) -> None:
    registries.put_files("dockerd/it:1", {"a": "a"}, {"b": "b"})
    repository = f"{registries.plain}/dockerd/it"
    name = f"{repository}:1"
    done = pull("--dry-run", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"docker would fetch {name} first" in done.stderr
    assert docker("image", "ls", "-q", repository) == ""
    done = pull(name)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert docker("image", "ls", "-q", repository) == ""
    assert plashui("id", name).stdout == "2\n"
    assert images(store) == [1, 2]
    done = pull("none/none:1")
    assert done.returncode == 1
    assert "cannot pull none/none:1: docker says: " in done.stderr
