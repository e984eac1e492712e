"""Pulling an image from a registry: podman, docker, skopeo with umoci, and tar.

The registry is Debian's, on 127.0.0.1. Each pull starts without the image and ends when
all of it is on the disk: ours prints the id only then, a sync follows the peers.

Each is made in a directory of its own, and nothing is removed before the end: some
disks (ext4 without a journal) are slow to make files where as many have just gone.
"""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests import dockerd, registries
from tests.bench.bench_app import Program, environment, make_store
from tests.bench.pairs import Pair, row
from tests.bench.sample_images import TINY, Layout, make_tars, make_tiny_tars
from tests.bench.scene import Scene, scene
from tests.people import Person

RUNS: Final = 5

_APART: Final = ("python", "big")
"""Layers that are images of their own, too, besides the Debian root."""


@dataclass
class Way:
    """A way to pull: a script, and one that makes ready for it, which is not timed."""

    name: str
    script: str
    ready: str = ""
    server: Callable[[Path], AbstractContextManager[object]] = nullcontext
    """Runs meanwhile, in the directory of the turn; its start is not timed either."""
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


class Bench:
    """One person's pulls, below a directory of their own."""

    def __init__(self, stage: Scene, person: Person, registry: str) -> None:
        """Make the directory."""
        self.person, self.registry = person, registry
        self.place = self._made(stage.place / person.map)
        self._runtime = self._made(self.place / "runtime")
        self._turns = 0

    def _made(self, path: Path) -> Path:
        path.mkdir(mode=0o700)
        return self.person.give(path)

    def empty(self) -> Path:
        """Make a new directory for a turn."""
        self._turns += 1
        return self._made(self.place / str(self._turns))

    def run(self, script: str, turn: Path) -> None:
        """Run a script as the person, in the directory of a turn."""
        env = {
            "PLASH_DATA": str(turn / "store"),
            "XDG_RUNTIME_DIR": str(self._runtime),
        }
        words = ["sh", "-ec", script]
        done = self.person.run(words, env=env, cwd=turn, timeout=900)
        if done.returncode:
            raise RuntimeError(f"{script}: {done.stderr}")

    def plash(self, image: str, before: str = "") -> Way:
        """Ours, into a new store or one that has the image `before`."""
        pull = f"plash pull:oci --insecure {self.registry} {self.registry}/"
        return Way("pull:oci", pull + image, pull + before if before else "")

    def podman(self, image: str) -> Way:
        """Podman, into a new storage."""
        options = "--root $PWD/podman --runroot $PWD/r --storage-driver overlay"
        script = f"podman {options} pull -q --tls-verify=false {self.registry}/{image}"
        return Way("podman pull", f"{script}; sync -f podman")

    def docker(self, image: str) -> Way:
        """A docker of its own for each turn, so that it has nothing yet."""

        def server(turn: Path) -> AbstractContextManager[object]:
            return dockerd.running(turn / "docker", "overlay2")

        ask = "docker -H unix://$PWD/docker/socket"
        script = f"{ask} pull -q {self.registry}/{image}; sync -f docker"
        return Way("docker pull", script, server=server)

    def skopeo_and_umoci(self, image: str) -> Way:
        """Copy to a layout, then unpack it."""
        rootless = "" if self.person.map == "root" else "--rootless"
        copy = "skopeo --insecure-policy copy -q --src-tls-verify=false"
        script = f"{copy} docker://{self.registry}/{image} oci:layout:it;"
        script += f" umoci unpack {rootless} --image layout:it bundle; sync -f bundle"
        return Way("skopeo copy + umoci unpack", script)

    def tar(self, tars: Sequence[Path]) -> Way:
        """The layers, neither compressed nor fetched, by GNU tar in our namespace."""
        one = "tar -x -p --numeric-owner --xattrs -C tree -f"
        lines = "; ".join(f"{one} {shlex.quote(str(path))}" for path in tars)
        script = f"mkdir tree; plash sudo sh -c {shlex.quote(lines)}; sync -f tree"
        return Way("tar -x of the plain layers", script)

    def measure(self, ways: Sequence[Way], runs: int = RUNS) -> None:
        """Run each in turn, the first turn to warm up; note the times."""
        for number in range(runs + 1):
            for way in ways:
                turn = self.empty()
                with way.server(turn):
                    self.run(way.ready, turn)
                    subprocess.run(["sync"], check=True)
                    before = resource.getrusage(resource.RUSAGE_CHILDREN)
                    start = time.perf_counter()
                    self.run(way.script, turn)
                    took = time.perf_counter() - start
                    after = resource.getrusage(resource.RUSAGE_CHILDREN)
                if number:
                    used = after.ru_utime - before.ru_utime
                    used += after.ru_stime - before.ru_stime
                    way.seconds.append(took)
                    way.processor.append(used)

    def memory(self, way: Way) -> int:
        """The most memory (PSS, in bytes) of all processes of a pull together."""
        most, over = [0], threading.Event()

        def look() -> None:
            me = psutil.Process()
            while not over.wait(0.02):
                most[0] = max(most[0], sum(map(_pss, me.children(recursive=True))))

        looker = threading.Thread(target=look)
        looker.start()
        try:
            self.run(way.script, self.empty())
        finally:
            over.set()
            looker.join()
        return most[0]

    def clear(self) -> None:
        """Remove all that was pulled, whoever it belongs to."""
        self.run("plash sudo rm -rf [0-9]*", self.place)


def _pss(process: psutil.Process) -> int:
    """The share of a process's memory; 0 for the registry and what has ended."""
    with suppress(psutil.Error, OSError):
        if process.name() not in ("docker-registry", "sh"):
            return int(process.memory_full_info().pss)
    return 0


def compared(name: str, ours: Way, peer: Way, goal: float | None) -> None:
    for what, mine, theirs, wanted in (
        (name, ours.seconds, peer.seconds, goal),
        (f"{name}, processor", ours.processor, peer.processor, None),
    ):
        ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
        pair = Pair(statistics.median(mine), statistics.median(theirs), ratio)
        if what == name or peer.name == "podman pull":
            row(what, pair, peer.name, wanted if what == name else 0.3)


@contextmanager
def _registry(stage: Scene) -> Iterator[registries.Registries]:
    with registries.running(stage.place / "registries") as running:
        yield running


def _put_images(stage: Scene, registry: registries.Registries, debian: Path) -> None:
    tars = make_tars(stage.place / "tars", debian)
    tiny = make_tiny_tars(stage.place / "tiny")
    own = make_tiny_tars(stage.place / "own", 1)
    layout = Layout(stage.place / "layout")
    for tag, layers, kind in (
        ("usual", tars, "gzip"),
        ("second", [*tars, *own], "gzip"),
        ("alone", own, "gzip"),
        ("zstd", tars, "zstd"),
        ("tiny", tiny, "gzip"),
        *((tar.stem, [tar], "gzip") for tar in tars[:3]),
    ):
        layout.add(tag, layers, kind)
        registry.put(f"oci:{layout.path}:{tag}", f"bench/{tag}:1")


def pulling(stage: Scene, bench: Bench) -> None:
    """The whole image, gzip and zstd, against all peers."""
    person = bench.person
    tars = [stage.debian or Path(), *sorted((stage.place / "tars").iterdir())]
    order = ("python", "big", "small", "gone")
    tars[1:] = [stage.place / "tars" / f"{name}.tar" for name in order]
    ours, podman = bench.plash("bench/usual:1"), bench.podman("bench/usual:1")
    skopeo = bench.skopeo_and_umoci("bench/usual:1")
    tar = bench.tar(tars)
    docker = [bench.docker("bench/usual:1")] if person.map == "root" else []
    bench.measure([ours, podman, skopeo, tar, *docker])
    compared(f"pull:oci, 5 layers, {person.map}", ours, podman, 0.25)
    for peer in docker:
        compared(f"pull:oci, 5 layers, {person.map}", ours, peer, 0.25)
    compared(f"pull:oci, 5 layers, {person.map}", ours, skopeo, 0.2)
    compared(f"pull:oci, 5 layers, {person.map}", ours, tar, 1.0)
    print(
        f"memory of pull:oci, {person.map}: {_mb(bench.memory(ours))} (goal <= 70 MB)"
    )
    print(f"memory of podman pull: {_mb(bench.memory(podman))}", flush=True)
    ours, podman = bench.plash("bench/zstd:1"), bench.podman("bench/zstd:1")
    bench.measure([ours, podman], 3)
    compared(f"pull:oci, 5 zstd layers, {person.map}", ours, podman, 0.25)
    ours, podman = bench.plash("bench/tiny:1"), bench.podman("bench/tiny:1")
    bench.measure([ours, podman])
    compared(f"pull:oci, {TINY} tiny layers, {person.map}", ours, podman, None)
    print(f"    goal <= 1500 ms: {statistics.median(ours.seconds) * 1e3:.0f} ms")
    _second(bench)


def _second(bench: Bench) -> None:
    """An image whose base is there, against one that has only its own layer."""
    second = bench.plash("bench/second:1", before="bench/usual:1")
    alone = bench.plash("bench/alone:1")
    bench.measure([second, alone], 3)
    compared(f"second image of a base, {bench.person.map}", second, alone, 1.5)


def keys(stage: Scene, registry: str) -> None:
    """From a key to the cursor on the next row, while the app pulls three images."""
    home = stage.place / "keys"
    config = home / ".config/plashui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[registries."{registry}"]\ninsecure = true\n')
    make_store(home / "store", 10_000)
    assert stage.debian is not None
    images = [f"{registry}/bench/{tar}:1" for tar in (stage.debian.stem, *_APART)]
    argv = [sys.executable, "-m", "tests.bench.pulling_app", *images]
    places = environment(PLASH_DATA=str(home / "store"), HOME=str(home))
    program = Program(argv, places)
    program.until(b"MB/s")
    times = sorted(program.moved(key) for key in [b"j", b"k"] * 25)
    print(
        f"a key while three images are pulled: median"
        f" {statistics.median(times) * 1e3:.0f} ms (goal <= 50), worst"
        f" {times[-1] * 1e3:.0f} ms (goal <= 150)",
        flush=True,
    )
    program.end()


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _missing() -> list[str]:
    programs = (*registries.PROGRAMS, "podman", "docker", "dockerd", "zstd")
    return [program for program in programs if not shutil.which(program)]


def main() -> None:
    """Print all figures."""
    with scene() as stage:
        if stage.debian is None or _missing():
            print(f"pull: skipped, missing: {_missing() or 'a Debian root'}")
            return
        with _registry(stage) as registry:
            _put_images(stage, registry, stage.debian)
            people = [person for person in stage.people if person.map != "single"]
            keys(stage, registry.plain)
            benches = [Bench(stage, person, registry.plain) for person in people]
            for bench in benches:
                pulling(stage, bench)
            for bench in benches:
                bench.clear()


if __name__ == "__main__":
    os.umask(0o022)
    main()
