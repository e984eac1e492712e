"""Pulling an image from `serve`, and the same from Debian's docker-registry.

The image has five layers that were made here. Their digests are known: the registry has
the blobs, compressed, and `serve` has counted them. By docker, by podman and by ours.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests import registries
from tests.bench.bench_pull import Bench, compared
from tests.bench.bench_push_oci import Pushes
from tests.bench.sample_images import make_tars
from tests.bench.scene import Scene, scene

RUNS = 3
AT_ONCE = 10


@contextmanager
def _serving(stage: Scene, store: Path) -> Iterator[tuple[str, int]]:
    """Serve a store; the address and the process id."""
    server = stage.person.start(
        [stage.person.bin / "plashui", "serve"],
        env={"PLASH_DATA": str(store)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdout
    try:
        yield server.stdout.readline().decode().strip(), server.pid
    finally:
        server.terminate()
        server.wait()


def serving(stage: Scene, bench: Pushes, registry: str, debian: Path) -> None:
    """Print all figures."""
    tars = make_tars(stage.place / "tars", debian)
    store = bench.store_of(tars)
    name = "bench/it:1"
    push = f"plash push:oci --insecure {registry} sample {registry}/{name}"
    prepare = f"export PLASH_DATA={store}; plash map {name} sample; {push}"
    bench.run(prepare, bench.empty())
    with _serving(stage, store) as (address, pid):
        idle = psutil.Process(pid).memory_full_info().pss
        print(f"memory of serve, idle: {idle / 1e6:.0f} MB (goal <= 60 MB)")
        for kind in (Bench.plash, Bench.podman, Bench.docker):
            bench.registry = address
            ours = kind(bench, name)
            bench.registry = registry
            theirs = kind(bench, name)
            theirs.name = "docker-registry"
            bench.measure([ours, theirs], RUNS)
            compared(f"{ours.name} from serve", ours, theirs, 1.2)
        bench.registry = address
        pull = bench.plash(name)
        turns = [bench.empty() for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda turn: bench.run(pull.script, turn), turns))
        print(f"{AT_ONCE} pulls at once: no error")
        idle = psutil.Process(pid).memory_full_info().pss
        print(f"memory of serve after them: {idle / 1e6:.0f} MB (goal <= 60 MB)")
    bench.clear()


def main() -> None:
    """As root, who alone starts a docker."""
    with scene() as stage:
        if stage.debian is None or stage.person.map != "root":
            print("serve: skipped, it takes root and a Debian root")
            return
        with registries.running(stage.place / "registries") as found:
            bench = Pushes(stage, stage.person, found.plain)
            serving(stage, bench, found.plain, stage.debian)


if __name__ == "__main__":
    os.umask(0o022)
    main()
