"""A Containerfile of ten steps, with and without the cache, against buildah.

buildah keeps layers as overlays where it can, its fast way, and else as whole copies.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.pairs import command, compare, row
from tests.bench.scene import Scene, scene
from tests.people import Person

_STORAGE = '[storage]\ndriver = "{1}"\ngraphroot = "{0}/{1}"\nrunroot = "{0}/r-{1}"\n'
_BASE = 'FROM scratch\nCOPY root /\nENV PATH=/bin\nCMD ["sh"]\n'
_TEN = (
    "FROM base\nENV A=1\nWORKDIR /w\nCOPY one one/\nRUN echo a > a\nCOPY two two/\n"
    'RUN echo b > b\nLABEL x=y\nCOPY three three/\nRUN echo c > c\nCMD ["sh"]\n'
)


def prepare(place: Path, busybox: str) -> None:
    """Write the files of a base, and of what is built on it."""
    root = place / "base/root/bin"
    root.mkdir(parents=True)
    shutil.copy2(busybox, root / "busybox")
    for applet in ("sh", "echo", "true"):
        (root / applet).symlink_to("busybox")
    (place / "base/Dockerfile").write_text(_BASE)
    for name in ("one", "two", "three"):
        (place / "context" / name).mkdir(parents=True)
        for number in range(20):
            (place / "context" / name / str(number)).write_text(name * number)
    (place / "context/Dockerfile").write_text(_TEN)
    for driver in ("overlay", "vfs"):
        (place / f"{driver}.conf").write_text(_STORAGE.format(place, driver))


def driver_of(person: Person, place: Path) -> str:
    """Return how buildah keeps layers here."""
    env = person.environment({"CONTAINERS_STORAGE_CONF": str(place / "overlay.conf")})
    words = ["buildah", "bud", "-q", "--isolation", "chroot", place / "base"]
    return "vfs" if person.run(words, env=env).returncode else "overlay"


def build(person: Person, store: Path, place: Path) -> None:
    """Time both."""
    driver = driver_of(person, place)
    conf = place / f"{driver}.conf"
    env = person.environment(
        {"PLASH_DATA": str(store), "CONTAINERS_STORAGE_CONF": str(conf)}
    )
    bud = ["buildah", "bud", "-q", "--isolation", "chroot", "--pull-never", "--layers"]
    plashui = person.bin / "plashui"
    person.run([*bud, "-t", "base", place / "base"], env=env, check=True)
    archive = place / "base.tar"
    push = ["buildah", "push", "-q", "base", f"oci-archive:{archive}"]
    person.run(push, env=env, check=True)
    person.run([plashui, "pull:file", "--name", "base", archive], env=env, check=True)
    for what, options, runs, goal in (
        ("cached", [], 9, 0.2),
        ("not cached", ["--no-cache"], 3, 0.5),
    ):
        ours = [plashui, "build:file", *options, place / "context"]
        peer = [*bud, *options, "-t", "ten", place / "context"]
        first, second = (command(person.argv(one), env) for one in (ours, peer))
        pair = compare(first, second, runs)
        row(f"build:file of ten steps, {what}", pair, f"buildah bud, {driver}", goal)


def timed(stage: Scene, busybox: str) -> None:
    """Build in a place of its own."""
    place = stage.place / "containerfile"
    place.mkdir()
    prepare(place, busybox)
    build(stage.person, stage.place / "containerfile-store", place)


def main() -> None:
    """Time both, as root, who may use buildah's isolation everywhere."""
    busybox = shutil.which("busybox")
    if busybox is None or not shutil.which("buildah"):
        print("bench_containerfile: skipped, busybox or buildah is not installed")
        return
    with scene(debian=False) as stage:
        if stage.person.map != "root":
            print("bench_containerfile: skipped, only root compares")
            return
        timed(stage, busybox)


if __name__ == "__main__":
    main()
