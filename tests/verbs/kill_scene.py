"""A store whose every image is known, for verbs that are killed anywhere."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from tests.people import Person
from tests.registries import Registries
from tests.transfer.oci.images import Shelf, tar_of

FILES: Final = 60
"""Files in each directory that an image gets."""


class Found(NamedTuple):
    """An image on the disk: its parent, and the directories of its own layer."""

    parent: int
    holds: frozenset[str]


@dataclass
class Scene:
    """A store whose every image is known, and what happens to it."""

    person: Person
    store: Path
    beside: Path
    dice: random.Random
    registries: Registries
    made: int = 0
    log: list[str] = field(default_factory=list)

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `plash WORDS…` to its end."""
        command = [self.person.bin / "plash", *words]
        return self.person.run(command, env=self.environment, cwd=self.beside)

    @property
    def environment(self) -> dict[str, str]:
        """With a cache of its own."""
        cache = str(self.beside / "cache")
        return {"PLASH_DATA": str(self.store), "XDG_CACHE_HOME": cache}

    def token(self) -> str:
        """A word that nothing else is called."""
        self.made += 1
        return f"d-{self.made}"

    def fill(self) -> str:
        """A shell command that makes a directory of files."""
        name = self.token()
        return (
            f"mkdir /{name}; i=0; while [ $i -lt {FILES} ]; do"
            f" echo {name} >/{name}/$i; i=$((i+1)); done"
        )

    def tar(self) -> Path:
        """A root file system with such a directory, and nothing to be run."""
        name = self.token()
        path = self.beside / f"{name}.tar"
        with tarfile.open(path, "w") as tar:
            for number in range(FILES):
                entry = tarfile.TarInfo(f"{name}/{number}")
                entry.size = len(name) + 1
                tar.addfile(entry, BytesIO(f"{name}\n".encode()))
        path.chmod(0o644)
        return path

    def layout(self) -> Path:
        """An OCI layout with an image `it` of two layers with such directories."""
        shelf, place = Shelf(), self.store.parent / f"{self.token()}.layout"
        names = [self.token(), self.token()]
        tars = [{f"{n}/{i}": f"{n}\n" for i in range(FILES)} for n in names]
        shelf.image("it", map(tar_of, tars))
        return shelf.layout(place, "it")

    def repository(self) -> str:
        """A repository that nothing else uses."""
        own = f"kills/{self.store.parent.name}-{self.token()}".lower()
        return f"{self.registries.plain}/{re.sub('[^a-z0-9/]+', '-', own)}"

    def images(self) -> dict[int, Found]:
        """Every image, by its link in the index; each must be whole."""
        found: dict[int, Found] = {}
        for link in (self.store / "index").iterdir():
            if link.name != "0" and link.exists():
                line = os.readlink(link).split("/")
                assert line[:3] == ["..", "layer", "0"]
                assert line[-1] == link.name
                found[int(link.name)] = Found(int(line[-2]), whole(link, self.log))
        return found

    def trashed(self) -> dict[int, Found]:
        """What the trash holds, all that went with each included."""
        found: dict[int, Found] = {}
        for data in (self.store / "trash").glob("**/_data"):
            node = data.parent
            line = node.relative_to(self.store / "trash").parts
            if all(part.isdecimal() for part in line):
                parent = int(line[-2]) if len(line) > 1 else stood_on(node)
                found[int(node.name)] = Found(parent, whole(node, self.log))
        return found


def stood_on(node: Path) -> int:
    """What an image in the trash says that it stood on."""
    parent = json.loads((node / "_meta/trash.json").read_text())["parent"]
    assert isinstance(parent, int)
    return parent


def whole(node: Path, log: list[str]) -> frozenset[str]:
    """The directories in a layer. None is half there, and no file is."""
    assert not list((node / "_meta").glob("*.new")), (node, log)
    for text in (node / "_meta").glob("*.json"):
        json.loads(text.read_text())
    return whole_root(node / "_data/root", log)


def whole_root(root: Path, log: list[str]) -> frozenset[str]:
    """Such directories in a root filesystem."""
    names: set[str] = set()
    for directory in root.glob("d-*"):
        files = {path.name: path.read_text() for path in directory.iterdir()}
        expected = {str(n): f"{directory.name}\n" for n in range(FILES)}
        assert files == expected, (root, directory.name, log)
        names.add(directory.name)
    return frozenset(names)


def below(images: dict[int, Found], top: int) -> set[int]:
    """An image and all that stands on it."""
    found = {top}
    while more := {i for i, it in images.items() if it.parent in found} - found:
        found |= more
    return found


class Doing(NamedTuple):
    """A verb, and the images that it may take away, or out of the trash.

    `bare`: what it makes may hold nothing. `done` tells whether it has made its
    `target` already, which must be whole then; else it is done once more after a kill.
    `visited` is called while it runs.
    """

    words: list[str | Path]
    takes: frozenset[int] = frozenset()
    restores: frozenset[int] = frozenset()
    empties: bool = False
    makes: int = 0
    bare: bool = False
    done: Callable[[], bool] | None = None
    visited: Callable[[], object] | None = None
