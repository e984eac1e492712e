"""The helper against its peers: entering an image, counting, deleting, unpacking."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.bench.pairs import Action, command, compare, compare_commands, row
from tests.bench.scene import Scene, scene
from tests.helper.conftest import Bench, make_store
from tests.people import Person


def skip(name: str, reason: str) -> None:
    """A figure that cannot be had here."""
    print(f"{name:<34} skipped: {reason}")


def drop_caches() -> None:
    """Forget what the kernel has read."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def entering(person: Person, plash: Bench, image: str) -> None:
    """`run ID true` against bubblewrap and against unshare with the same map."""
    rootfs = plash.content(image)
    run = [plash.program, "run", image, "true"]
    env = plash.environment()
    name = f"run ID true, {person.map}"
    words: list[object] = ["bwrap", "--bind", rootfs, "/", "--dev", "/dev"]
    words += ["--proc", "/proc", "true"]
    if shutil.which("bwrap"):
        pair = compare_commands(person, run, words, 60, env)
        goal = 1.0 if person.map == "root" else None
        row(name, pair, "bwrap --bind", goal)
    else:
        skip(name, "bubblewrap is not installed")
    if person.map == "full":
        words = ["unshare", "-Urm", "--map-auto", "chroot", rootfs, "true"]
        pair = compare_commands(person, run, words, 60, env)
        row(name, pair, "unshare --map-auto chroot", 0.8)


def walking(person: Person, plash: Bench, tar: Path) -> None:
    """Usage and removal of a Debian root."""
    env = person.environment(plash.environment())
    tree = plash.work("tree") / "data"
    plash.extract(tree, tar)

    def act(*words: object) -> Action:
        return command(person.argv([plash.program, *words]), env)

    inside: list[object] = [plash.program, "sudo"] if person.map != "root" else []
    usage = act("engine:usage", plash.store, "tmp/tree")
    du = command(person.argv([*inside, "du", "-s", tree.parent]), env)
    row(f"engine:usage, warm, {person.map}", compare(usage, du, 15), "du -s", 1.0)
    if os.access("/proc/sys/vm/drop_caches", os.W_OK):
        pair = compare(usage, du, 5, drop_caches)
        row(f"engine:usage, cold, {person.map}", pair, "du -s", 0.5)

    def two_trees() -> None:
        for name in ("a", "b"):
            if not (plash.store / "tmp" / name).exists():
                plash.extract(plash.work(name) / "data", tar)
        os.sync()

    remove = act("engine:remove", plash.store, "a")
    rm = command(person.argv([*inside, "rm", "-rf", plash.store / "tmp/b"]), env)
    pair = compare(remove, rm, 5, two_trees)
    row(f"engine:remove, {person.map}", pair, "rm -rf", 0.7)


def measure(stage: Scene, person: Person) -> None:
    """Everything, as one person."""
    home = stage.place / f"helper-{person.map}"
    home.mkdir()
    person.give(home)
    plash = Bench(person, make_store(person, home / "store"))
    if stage.debian is None:
        skip(f"all as {person.map}", "mmdebstrap made no Debian root")
        return
    # Device nodes a plain user may not make are complained of, the rest is there.
    plash.extract(plash.work("import") / "data", stage.debian)
    entering(person, plash, plash.commit("import"))
    walking(person, plash, stage.debian)
    plash("sudo", "rm", "-rf", plash.store)


def main() -> None:
    """Print all figures."""
    with scene() as stage:
        for person in stage.people:
            measure(stage, person)


if __name__ == "__main__":
    main()
