"""Pushing an image to a registry, and to a file, against podman and skopeo.

The image has five layers that were made here, so that neither knows their digests, and
no repository has them. What either remembers of its pushes is removed before each.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from tests import registries
from tests.bench.bench_pull import Bench, Way, compared
from tests.bench.sample_images import make_tars
from tests.bench.scene import Scene, scene

RUNS = 3
_CACHE = "/var/lib/containers/cache/blob-info-cache-v1.boltdb"


class Pushes(Bench):
    """One person's pushes."""

    def store_of(self, tars: list[Path]) -> Path:
        """A store with an image of a layer for each tar."""
        place = self.empty()
        lines = ["plash init; image=0"]
        for tar in tars:
            lines += [
                "d=$(plash mkdtemp)",
                f"plash sudo tar -xp --numeric-owner --xattrs -C $d -f '{tar}'",
                "image=$(plash stack $image $d)",
            ]
        self.run("\n".join([*lines, "plash map sample $image"]), place)
        return place / "store"

    def ours(self, store: Path, where: str) -> Way:
        """Ours, which has to make each blob."""
        use = f"export PLASH_DATA={store}"
        push = f"{use}; plash push:oci --insecure {self.registry} sample {where}"
        return Way(
            "push:oci", push, f"find {store}/layer -path '*/_meta/blobs.json' -delete"
        )

    def grown(self, store: Path, base: object, where: str) -> Way:
        """Ours, of an image with a new layer of 10 MB on a base."""
        use = f"export PLASH_DATA={store}"
        layer = "d=$(plash mkdtemp); head -c 10M /dev/urandom >$d/new"
        ready = f"{use}; {layer}; plash stack {base} $d >image"
        push = f"plash push:oci --insecure {self.registry} $(cat image) {where}"
        return Way("its layer alone", f"{use}; {push}", ready)

    def podman_push(self, archive: Path, where: str) -> Way:
        """Podman, of the same image, loaded without compression."""
        options = f"--root {archive.parent}/podman --runroot {archive.parent}/r"
        podman = f"podman {options} --storage-driver overlay"
        push = f"{podman} push -q --tls-verify=false sample.example.org/it:1 {where}"
        load = f"[ -d {archive.parent}/podman ] || {podman} load -q -i {archive}"
        return Way("podman push", push, f"{load}; rm -f {_CACHE}")


def pushing(stage: Scene, registry: str, debian: Path) -> None:
    """As root: a plain user's podman keeps what it remembers elsewhere."""
    person = stage.person
    bench = Pushes(stage, person, registry)
    tars = make_tars(stage.place / "tars", debian)
    store = bench.store_of(tars)
    archive = bench.empty() / "sample.docker.tar"
    use = f"export PLASH_DATA={store}"
    name = "--name sample.example.org/it:1"
    bench.run(
        f"{use}; plash push:file --compression none {name} sample {archive}",
        archive.parent,
    )
    place = f"{registry}/bench"
    ours = bench.ours(store, f"{place}/ours$(date +%N):1")
    podman = bench.podman_push(archive, f"{place}/theirs$(date +%N):1")
    bench.measure([ours, podman], RUNS)
    compared(f"push:oci, 5 own layers, {person.map}", ours, podman, 0.5)
    print(f"memory of push:oci: {bench.memory(ours) / 1e6:.0f} MB (goal <= 70 MB)")

    again = Way("again", ours.script.replace("/ours$(date +%N)", "/kept"))
    bench.run(again.script, bench.empty())
    bench.measure([again], RUNS)
    took = statistics.median(again.seconds) * 1e3
    print(f"push:oci, all layers there: {took:.0f} ms (goal <= 1000 ms)")

    grown = bench.grown(store, "sample", f"{place}/kept:1")
    alone = bench.grown(store, 0, f"{place}/alone$(date +%N):1")
    bench.measure([grown, alone], RUNS)
    compared("push:oci, 10 MB on a base there", grown, alone, 1.5)

    to = f"{use}; plash push:file sample"
    mine = Way("push:file", f"{to} x.oci.tar; sync -f x.oci.tar")
    copy = f"skopeo copy -q docker-archive:{archive} oci-archive:x.oci.tar"
    theirs = Way("skopeo copy", f"{copy}; sync -f x.oci.tar")
    bench.measure([mine, theirs], RUNS)
    compared("push:file, 5 own layers", mine, theirs, 0.5)
    bench.clear()


def main() -> None:
    """Print all figures."""
    with scene() as stage:
        if stage.debian is None or stage.person.map != "root":
            print("push:oci: skipped, it takes root and a Debian root")
            return
        with registries.running(stage.place / "registries") as found:
            pushing(stage, found.plain, stage.debian)


if __name__ == "__main__":
    os.umask(0o022)
    main()
