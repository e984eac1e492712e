"""Killed anywhere, any number of times: nothing is lost, halved or left.

One verb after the other begins on the same store and is killed with SIGKILL at a random
moment: the program alone, one of what it started, or all of them at once. After each
kill every image is whole and where it was, or where the verb puts it, and one `clean`
frees the rest.

A few kills are in the suite; PLASHUI_TEST_KILLS=100 makes it a hundred for each person,
and PLASHUI_TEST_SEED repeats a run: both are in the name of what fails.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from tests.amount import SEED
from tests.people import Person
from tests.tools import descendants, is_alive, leftovers, mounts_of, wait_for

KILLS: Final = int(os.environ.get("PLASHUI_TEST_KILLS", "4"))
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
    names: set[str] = set()
    for directory in (node / "_data/root").glob("d-*"):
        files = {path.name: path.read_text() for path in directory.iterdir()}
        expected = {str(n): f"{directory.name}\n" for n in range(FILES)}
        assert files == expected, (node, directory.name, log)
        names.add(directory.name)
    return frozenset(names)


def below(images: dict[int, Found], top: int) -> set[int]:
    """An image and all that stands on it."""
    found = {top}
    while more := {i for i, it in images.items() if it.parent in found} - found:
        found |= more
    return found


class Doing(NamedTuple):
    """A verb, and the images that it may take away, or out of the trash."""

    words: list[str | Path]
    takes: frozenset[int] = frozenset()
    restores: frozenset[int] = frozenset()
    empties: bool = False
    makes: int = 0


def choices(scene: Scene, images: dict[int, Found]) -> Iterator[Callable[[], Doing]]:
    """What could be done to the store as it is."""
    dice = scene.dice
    kept = sorted(images.keys() - {1})  # the first is pinned
    trash = [int(p.name) for p in (scene.store / "trash").glob("[0-9]*")]
    shell: list[str | Path] = ["sh", "-c", scene.fill()]
    yield lambda: Doing(["pull:tarfile", scene.tar()], makes=1)
    yield lambda: Doing(["build", "1", *shell], makes=1)
    on = str(dice.choice(sorted(below(images, 1))))
    yield lambda: Doing(["build", on, *shell], makes=1)
    yield lambda: Doing(["squash", on], makes=1)
    yield lambda: Doing(["push:tarfile", on, scene.beside / f"{scene.token()}.out"])
    yield lambda: Doing(["push:dir", on, scene.beside / f"{scene.token()}.out"])
    yield lambda: Doing(["shrink", "--names"], takes=frozenset(kept))
    yield lambda: Doing(["shrink", "--names", "--trash"], takes=frozenset(kept))
    yield lambda: Doing(["clean"])
    yield lambda: Doing(["map", "name", on])
    if kept:
        one = dice.choice(kept)
        gone = frozenset(below(images, one))
        for words in (["rm"], ["rm", "--trash"], ["rm", "--force"]):
            yield lambda words=words: Doing([*words, str(one)], takes=gone)  # type: ignore[misc]
    if trash:
        back = frozenset(scene.trashed())
        for _twice in range(2):
            yield lambda: Doing(["restore", str(dice.choice(trash))], restores=back)
        yield lambda: Doing(["trash", "--empty", "--force"], empties=True)


def kill_once(scene: Scene, doing: Doing) -> bool:
    """Begin it and kill it somewhere; whether it was not over by then."""
    command = [scene.person.bin / "plash", *doing.words]
    process = scene.person.start(
        command,
        env=scene.environment,
        cwd=scene.beside,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(scene.dice.choice([0.01, 0.05, 0.2, 0.5]) * scene.dice.random())
    alive = process.poll() is None
    who = scene.dice.choice(["alone", "one of them", "all of them"])
    group = [process.pid, *descendants(process.pid)]
    doomed = {"alone": group[:1], "one of them": [scene.dice.choice(group)]}
    for pid in doomed.get(who, group) if alive else []:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    words = " ".join(map(str, doing.words))
    scene.log.append(f"{'killed' if alive else 'let end'} {who}: {words[:70]}")
    process.wait()
    wait_for(lambda: not any(map(is_alive, group)), f"all of {group} to end")
    wait_for(lambda: mounts_of(scene.store) == [], "its mounts to end")
    return alive


def check(
    scene: Scene, doing: Doing, before: dict[int, Found], trash: dict[int, Found]
) -> None:
    """Nothing is lost, halved or left."""
    log = (f"PLASHUI_TEST_SEED={SEED}", scene.log[-4:])
    after, kept = scene.images(), scene.trashed()
    new = after.keys() - before.keys() - trash.keys()
    assert len(new) <= doing.makes, log
    assert all(after[image].holds for image in new), log
    back = after.keys() & trash.keys() - before.keys()
    assert back <= doing.restores, log
    assert {i: after[i] for i in back} == {i: trash[i] for i in back}, log
    lost = before.keys() - after.keys()
    assert lost <= doing.takes, log
    for image in lost:
        if image in kept:
            assert kept[image] == before[image], log
        whole_line = below(before, image)
        assert whole_line <= lost, "all that stands on it goes along"
    stays = before.keys() & after.keys()
    assert {i: after[i] for i in stays} == {i: before[i] for i in stays}, log
    out_of_trash = trash.keys() - kept.keys() - back
    assert not out_of_trash or doing.empties, log
    for path in scene.beside.glob("*.out"):
        if path.is_dir():
            assert whole(Path(path, "../../.."), []) == frozenset()
            for directory in path.glob("d-*"):
                assert len(list(directory.iterdir())) == FILES, log
        else:
            with tarfile.open(path) as tar:
                assert len(tar.getnames()) > FILES, log
    for name in (scene.store / "map").iterdir():
        assert name.exists() or doing.takes, log
    done = scene("clean")
    assert done.returncode == 0, (done.stderr, log)
    assert leftovers(scene.store) == [], log
    links = {path.name for path in (scene.store / "index").iterdir()}
    assert links == {"0", *map(str, after)}, log
    assert scene.images() == after, log
    listed = json.loads(scene("ls", "--json").stdout)
    assert {i["id"]: i["parent"] for i in listed} == {
        image: it.parent for image, it in after.items()
    }, log


def test_whatever_is_killed_whenever_nothing_is_lost_halved_or_left(
    person: Person, playground: Path, busybox_tar: Path
) -> None:
    dice = random.Random(f"{SEED} {person.map}")
    beside = playground / "beside"
    beside.mkdir(mode=0o755)
    person.give(beside)
    scene = Scene(person, playground / "store", beside, dice)
    assert scene("pull:tarfile", busybox_tar).stdout == "1\n"
    assert scene("pin", "1").returncode == 0
    for _image in range(2):
        assert scene("build", "1", "sh", "-c", scene.fill()).returncode == 0
    kills = 0
    end = time.monotonic() + 30 * KILLS
    while kills < KILLS:
        assert time.monotonic() < end, "it goes on for ever"
        before, trash = scene.images(), scene.trashed()
        doing = dice.choice(list(choices(scene, before)))()
        kills += kill_once(scene, doing)
        check(scene, doing, before, trash)
        for path in beside.glob("*.tar"):
            path.unlink()
