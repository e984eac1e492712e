"""A store made by hand and images made by the helper alone: no Python in between."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.conftest import Prepared, cannot
from tests.people import Person

if TYPE_CHECKING:
    from tests.helpers.cases import Scene
    from tests.helpers.faulting import Faulting

Word = str | Path | int


def make_store(person: Person, path: Path) -> Path:
    """An empty store, to the letter of its format."""
    script = (
        'mkdir -p "$0/index" "$0/layer/0/_data/root" "$0/map" "$0/tmp" "$0/mnt" &&'
        ' : >"$0/id_counter" && ln -s ../layer/0 "$0/index/0"'
    )
    person.run(["sh", "-c", script, path], check=True)
    return path


@dataclass(frozen=True)
class Bench:
    """A person, their store, and the helper.

    `in_memory`: a run's changes go there.
    """

    person: Person
    store: Path
    in_memory: bool = False

    @property
    def program(self) -> Path:
        """The binary under test."""
        return self.person.bin / "plash"

    def environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        """The store, and what is added to it."""
        return {"PLASH_DATA": str(self.store), **(extra or {})}

    def _line(self, words: Sequence[Word]) -> list[str]:
        own = ["--in-memory"] if self.in_memory and words[:1] == ("run",) else []
        return [str(self.program), *map(str, words[:1]), *own, *map(str, words[1:])]

    def __call__(
        self,
        *words: str | Path | int,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        stdin: IO[Any] | int | None = None,
        input: str | None = None,  # noqa: A002 - as subprocess calls it
        check: bool = False,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        """Run `plash WORDS…` to its end."""
        return self.person.run(
            self._line(words),
            env=self.environment(env),
            cwd=cwd,
            stdin=stdin,
            input=input,
            check=check,
            timeout=timeout,
        )

    def start(
        self, *words: str | Path | int, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Run `plash WORDS…` and go on."""
        env = self.environment(options.pop("env", None))
        return self.person.start(self._line(words), env=env, **options)

    def sudo(self, script: str, *words: str | Path) -> str:
        """A shell script as root of the person's user namespace; its output."""
        return self("sudo", "sh", "-c", script, *words, check=True).stdout

    def extract(self, directory: Path, tar: Path) -> subprocess.CompletedProcess[str]:
        """`engine:extract` of a tar file."""
        with tar.open("rb") as stream:
            return self("engine:extract", directory, stdin=stream)

    def left_out(self, directory: Path, tar: Path) -> tuple[int, int]:
        """Unpack a tar file; how many device nodes and attributes could not be made."""
        with tar.open("rb") as stream:
            words: list[Word] = ["engine:extract", "--status-fd", "2", directory]
            done = self(*words, stdin=stream, check=True)
        events = [json.loads(line) for line in done.stderr.splitlines()]
        (end,) = (event for event in events if event["ev"] == "extracted")
        return end["devices"], end["attributes"]

    def work(self, name: str) -> Path:
        """A work directory with an empty data/ in it."""
        path = self.store / "tmp" / name
        self.person.run(["mkdir", "-p", path / "data"], check=True)
        return path

    def commit(self, name: str, parent: str | int = 0) -> str:
        """The id of the image the work directory becomes."""
        words: list[Word] = ["engine:commit", self.store, parent, name]
        return self(*words, check=True).stdout.strip()

    def image_of(self, tar: Path) -> str:
        """A new image with the content of a tar file."""
        work = self.work("import")
        done = self.extract(work / "data", tar)
        assert done.returncode == 0, done.stderr
        return self.commit("import")

    def layer(self, script: str, parent: str | int = 0) -> str:
        """A new image whose layer is what the script makes in its directory."""
        work = self.work("layer")
        self.sudo('cd "$0" && ' + script, work / "data")
        return self.commit("layer", parent)

    def build(self, parent: str | int, *command: str) -> str:
        """A new image of what the command changes."""
        work = self.work("build")
        self("run:persist", "--build", parent, work, *command, check=True)
        return self.commit("build", parent)

    def content(self, image: str | int) -> Path:
        """Where the files of an image's own layer are."""
        return Path(self("nodepath", image, check=True).stdout.strip()) / "_data/root"

    def json(self, words: Sequence[str | Path | int]) -> list[dict[str, Any]]:
        """Every line of the output, as JSON."""
        done = self(*words, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


def busybox_image(
    plash: Bench, tar: Path, prepared: Prepared, run: bool = False
) -> str:
    """The id of an image of a tar file, the first in the store; `run`: it ran once."""

    def make(store: Path) -> None:
        if store != plash.store:
            make_store(plash.person, store)
        bench = Bench(plash.person, store)
        assert bench.image_of(tar) == "1"
        if run:
            bench("run", "1", "true", check=True)

    assert (plash.store / "id_counter").stat().st_size == 0
    name = f"{tar.name}, run" if run else tar.name
    prepared.copy(plash.person, name, plash.store, make)
    return "1"


def make_chain(plash: Bench, depth: int) -> None:
    """Images 1 to `depth`, each the child of the one before, by hand.

    Each layer has a file of its own, one that all have, and one that every seventh has.
    """
    program = plash.person.program(__file__, "chain.py")
    plash.person.run(["/usr/bin/python3", program, plash.store, depth], check=True)


@pytest.fixture
def store(playground: Path, person: Person, prepared: Prepared) -> Path:
    """An empty store of the person's."""
    path = playground / "store"
    prepared.copy(person, "made by hand", path, lambda kept: make_store(person, kept))
    return path


@pytest.fixture
def plash(person: Person, store: Path) -> Bench:
    """The helper, on the person's empty store."""
    return Bench(person, store)


@pytest.fixture
def image(plash: Bench, busybox_tar: Path, prepared: Prepared) -> str:
    """The id of a busybox image, the first in the store."""
    return busybox_image(plash, busybox_tar, prepared)


@pytest.fixture(scope="session")
def faulting(base: Path) -> Faulting:
    """The tracer that makes system calls fail."""
    from tests.helpers.faulting import Faulting

    return Faulting.built(base)


@pytest.fixture
def scene(
    plash: Bench, busybox_tar: Path, prepared: Prepared, playground: Path
) -> Scene:
    """An image, and a small tar file, where system calls fail."""
    from tests.helpers.cases import Scene

    if b"__asan_init" in plash.program.read_bytes():
        pytest.skip("the sanitizers' own calls must not fail")
    if plash.person.map == "full" and os.geteuid() != 0:
        cannot("only root may trace newuidmap, which is setuid")
    file = playground / "hello"
    file.write_text("hello\n")
    tar = playground / "small.tar"
    with tarfile.open(tar, "w") as packed:
        packed.add(file, "etc/hello")
    image = busybox_image(plash, busybox_tar, prepared, run=True)  # has mount points
    return Scene(plash, image, tar)


@pytest.fixture
def alone(person: Person, playground: Path, store: Path) -> Bench:
    """The helper; in the place of plashui, a program that prints its words."""
    place = playground / "bin"
    person.run(["mkdir", place], check=True)
    person.run(["cp", person.bin / "plash", place / "plash"], check=True)
    script = place / "plashui"
    script.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    script.chmod(0o755)
    return Bench(Person(**{**person.__dict__, "bin": place}), store)
