"""What the real podman has comes layer by layer, and podman is left as it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.people import Person
from tests.registries import Registries
from tests.tools import descendants, images, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

Podman = Callable[..., str]


@pytest.fixture
def settings(
    person: Person, base: Path, playground: Path, registries: Registries
) -> dict[str, str]:
    """Where podman keeps its images, which is the test's own, and whom it trusts."""
    if not shutil.which("podman"):
        cannot("podman is not installed")
    if person.map != "root":
        pytest.skip("podman of a plain user keeps its images below its home")
    storage, trusted = playground / "storage.conf", playground / "registries.conf"
    storage.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{playground}/graph"\n'
        f'runroot = "{base}/run"\n'
    )
    trusted.write_text(f'[[registry]]\nlocation="{registries.plain}"\ninsecure=true\n')
    (playground / "temporary").mkdir()
    return {
        "CONTAINERS_STORAGE_CONF": str(storage),
        "CONTAINERS_REGISTRIES_CONF": str(trusted),
        "TMPDIR": str(playground / "temporary"),
    }


@pytest.fixture
def podman(settings: dict[str, str]) -> Iterator[Podman]:
    """Run podman with these settings; what it says."""

    def run(*words: str) -> str:
        done = subprocess.run(
            ["podman", *words],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield run
    run("system", "prune", "--all", "--force")


@pytest.fixture
def pull(person: Person, store: Path, settings: dict[str, str]) -> Run:
    """Run pull:podman with these settings."""
    env = {"PLASH_DATA": str(store), **settings}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return person.run([person.bin / "plashui", "pull:podman", *words], env=env)

    return run


@pytest.fixture
def image(registries: Registries) -> str:
    """An image of two layers in a registry."""
    name = "podman/two"
    files = {"etc/one": "one\n", "etc/gone": "gone\n"}
    registries.put_files(f"{name}:1", files, {"etc/two": "two\n"})
    return f"{registries.plain}/{name}:1"


def has(podman: Podman) -> list[str]:
    """The names of the images that podman has."""
    found = json.loads(podman("images", "--all", "--format", "json"))
    return [name for one in found for name in one.get("Names") or ["unnamed"]]


@pytest.mark.in_turn(False)
def test_one_that_podman_lacks_is_fetched_and_removed_there_again(
    pull: Run, podman: Podman, image: str, store: Path, settings: dict[str, str]
) -> None:
    done = pull(image)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert has(podman) == []
    assert images(store) == [1, 2]
    assert (store / "map" / image.replace("/", "%")).exists()
    assert leftovers(store) == []
    assert os.listdir(settings["TMPDIR"]) == []


@pytest.mark.in_turn(False)
def test_one_that_podman_has_is_taken_from_there_and_stays(
    pull: Run, podman: Podman, image: str, registries: Registries, store: Path
) -> None:
    podman("pull", "-q", image)
    registries.put_files("podman/two:1", {"etc/new": "new\n"})
    assert pull(image).stdout == "2\n"
    assert has(podman) == [image]
    layers = (store / "index/2").resolve()
    assert (layers / "_data/root/etc/two").read_text() == "two\n"
    done = pull("--pull", image)  # the newer one, which takes the name
    assert done.stdout == "3\n"
    assert "was image 2, which stays" in done.stderr
    assert image in has(podman)
    assert leftovers(store) == []


@pytest.mark.in_turn(False)
def test_one_that_is_nowhere_makes_nothing(
    pull: Run, podman: Podman, registries: Registries, store: Path
) -> None:
    done = pull(f"{registries.plain}/podman/none:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"plash error: cannot pull {registries.plain}/podman")
    assert "podman says: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert has(podman) == []
    assert images(store) == []


HANGING = """#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
case "$1 $2" in
"image inspect") test -e "$here/there" ;;
"image rm") rm "$here/there" ;;
"pull --") touch "$here/there"; test ! -e "$here/pull" || exec sleep 1000 ;;
"save --") printf half; exec sleep 1000 ;;
esac
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("during", ["pull", "save"])
def test_a_pull_that_is_ended_ends_docker_and_removes_what_it_fetched(
    person: Person,
    store: Path,
    playground: Path,
    how: signal.Signals,
    during: str,
) -> None:
    place = playground / "fake"
    place.mkdir()
    (place / "docker").write_text(HANGING)
    (place / "docker").chmod(0o755)
    (place / "asked").touch()
    if during == "pull":
        (place / "pull").touch()
    for path in (place, place / "asked"):
        person.give(path)
    programs = f"{place}:{person.environment()['PATH']}"
    process = person.start(
        [person.bin / "plashui", "pull:docker", "x/y:1"],
        env={"PLASH_DATA": str(store), "PATH": programs},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )

    def asleep() -> list[int]:
        found = []
        for pid in descendants(process.pid):
            try:
                name = Path(f"/proc/{pid}/comm").read_text()
            except OSError:
                continue
            found += [pid] if name == "sleep\n" else []
        return found

    wait_for(asleep, f"the {during}")
    sleeping = asleep()
    process.send_signal(how)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.send_signal(how)  # it came just before Python began to read, and waits
    assert process.wait(60) == -how
    assert not any(Path(f"/proc/{pid}").exists() for pid in sleeping)
    assert (place / "asked").read_text().splitlines()[-1] == "image rm -- x/y:1"
    assert not (place / "there").exists()
    assert images(store) == []
    assert leftovers(store) == []
