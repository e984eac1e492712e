"""The product's command line on a store of the person's own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Prepared
from tests.people import MapKind, Person
from tests.registries import Registries
from tests.verbs.real_images import RealImages

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Build = Callable[..., str]


@pytest.fixture
def plashui(person: Person, store: Path) -> Run:
    """Run `plashui WORDS…` on the store as the person."""

    def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(store)}
        return person.run([person.bin / "plashui", *words], env=env, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture
def image(person: Person, store: Path, busybox_tar: Path, prepared: Prepared) -> str:
    """The id of a busybox image, the first in the store."""

    def make(path: Path) -> None:
        environment = {"PLASH_DATA": str(path)}
        words = [person.bin / "plashui", "pull:tarfile", busybox_tar]
        assert person.run(words, env=environment, check=True).stdout == "1\n"

    assert (store / "id_counter").stat().st_size == 0
    prepared.copy(person, "busybox pulled", store, make)
    return "1"


@pytest.fixture
def alone(person: Person, playground: Path, store: Path) -> Run:
    """Run `plash WORDS…` where there is no plashui."""
    place = playground / "alone"
    person.run(["mkdir", place], check=True)
    person.run(["cp", person.bin / "plash", place], check=True)
    path = person.environment()["PATH"].partition(":")[2]

    def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(store), "PATH": path}
        return person.run([place / "plash", *words], env=env, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def real(base: Path, people: dict[MapKind, Person]) -> RealImages:
    """Images of umoci, skopeo and buildah."""
    root = people.get("root") or next(iter(people.values()))
    return RealImages(base / "real-images", root)


@pytest.fixture(scope="session")
def shop(registries: Registries, real: RealImages) -> Registries:
    """Registries with the real images; `docker` is `two` in docker's form."""
    for tag in ("one", "two", "zstd", "built"):
        registries.put(f"oci:{real.image(tag)}", f"shop/box:{tag}")
    registries.put(f"oci:{real.image('two')}", "shop/box:docker", "--format", "v2s2")
    return registries


@pytest.fixture
def context(playground: Path, person: Person) -> Path:
    """An empty directory of this person's."""
    place = playground / "context"
    place.mkdir()
    return person.give(place)


@pytest.fixture
def build(plashui: Run, context: Path, image: str) -> Build:
    """Build a text FROM base; return the id, and keep what was said in `said`."""
    plashui("map", "base", image)

    def run(text: str, *options: str | Path, fails: bool = False) -> str:
        (context / "Containerfile").write_text(text)
        done = plashui("build:file", *options, context)
        assert (done.returncode != 0) == fails, done.stderr
        run.said = done.stderr  # type: ignore[attr-defined]
        return done.stderr if fails else done.stdout.strip()

    return run


def inside(person: Person, store: Path, image: str, *command: str) -> str:
    words = [person.bin / "plash", "run", "--isolate", image, *command]
    done = person.run(words, env={"PLASH_DATA": str(store)}, check=True)
    return done.stdout
