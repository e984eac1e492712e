"""Listing many images against Python itself; images in and out against tar and cp."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

from tests.bench.pairs import Action, command, compare, row
from tests.bench.scene import Scene, scene
from tests.people import Person


def listing(stage: Scene) -> None:
    """`ls` and `df` of 10,000 images, sizes known, against `plashui version`."""
    store = stage.place / "many"
    stage.empty_layers(store, 10_000)
    env = stage.person.environment({"PLASH_DATA": str(store)})
    plashui = stage.person.bin / "plashui"
    version = command(stage.person.argv([plashui, "version"]), env)
    for verb in ("ls", "df"):
        ours = command(stage.person.argv([plashui, verb]), env)
        pair = compare(ours, version, 15)
        row(f"plashui {verb}, 10,000 images", pair, "plashui version", 3.0)


def importing(stage: Scene) -> None:
    """`pull:tarfile` of a Debian root against `tar -x` in the same kind of namespace.

    Each starts from nothing and ends when all is on the disk. What a turn has made is
    put aside, since some disks are slow to make files where as many have just gone.
    """
    if stage.debian is None:
        print("pull:tarfile: skipped, mmdebstrap made no Debian root")
        return
    for person in stage.people:
        _import_as(stage, person, stage.debian)


def _import_as(stage: Scene, person: Person, debian: Path) -> None:
    store, target = stage.place / "import", stage.place / "untar"
    aside = stage.place / "aside"
    env = person.environment({"PLASH_DATA": str(store)})
    plash, plashui = person.bin / "plash", person.bin / "plashui"
    owner = "--no-same-owner" if person.map == "single" else "--same-owner"
    script = f"tar -x --numeric-owner {owner} -p --xattrs -f {debian} -C {target}"
    script += f"; sync -f {target}"  # also where tar could not make a device
    turns = itertools.count()
    _made(aside)

    def before() -> None:
        kept = _made(aside / str(next(turns)))
        for path in (target, store):
            if path.exists():
                path.rename(kept / path.name)
            person.give(_made(path))
        subprocess.run(["sync"], check=True)

    ours = command(person.argv([plashui, "pull:tarfile", debian]), env)
    peer = command(person.argv([plash, "sudo", "sh", "-c", script]), env)
    pair = compare(ours, peer, 5, before)
    row(f"pull:tarfile, Debian, {person.map}", pair, "tar -x", 0.85)
    for path in (target, store, aside):
        shutil.rmtree(path, ignore_errors=True)


def exporting(stage: Scene) -> None:
    """`push:tarfile` and `push:dir` against `tar -c` and `cp -a` of the same image."""
    if stage.debian is None:
        print("push: skipped, mmdebstrap made no Debian root")
        return
    for person in stage.people:
        _export_as(stage, person, stage.debian)


def _export_as(stage: Scene, person: Person, debian: Path) -> None:
    """The peers run in the mounted image, too, but do not wait for the disk."""
    store, target = stage.place / "export", stage.place / "out"
    person.give(_made(store))
    env = person.environment({"PLASH_DATA": str(store)})
    plash, plashui = person.bin / "plash", person.bin / "plashui"
    person.run([plashui, "pull:tarfile", debian], env=env, check=True)

    def before() -> None:
        shutil.rmtree(target, ignore_errors=True)
        person.give(_made(target))
        subprocess.run(["sync"], check=True)

    def act(*words: object) -> Action:
        return command(person.argv(words), env)

    tar = ["tar", "-c", "--numeric-owner", "--xattrs", "--acls", "-S", "--format=pax"]
    ours = act(plashui, "push:tarfile", 1, target / "a.tar")
    peer = act(plash, "mounted", 1, *tar, "-f", target / "b.tar", ".")
    pair = compare(ours, peer, 5, before)
    row(f"push:tarfile, Debian, {person.map}", pair, "tar -c", 1.5)
    ours = act(plashui, "push:dir", 1, target / "a")
    peer = act(plash, "mounted", 1, "cp", "-a", "-T", ".", target / "b")
    pair = compare(ours, peer, 5, before)
    row(f"push:dir, Debian, {person.map}", pair, "cp -a", 1.15)
    for path in (target, store):
        shutil.rmtree(path, ignore_errors=True)


def _made(path: Path) -> Path:
    path.mkdir(mode=0o755, exist_ok=True)
    path.chmod(0o755)
    return path


def main() -> None:
    """Print all figures."""
    with scene() as stage:
        listing(stage)
        importing(stage)
        exporting(stage)


if __name__ == "__main__":
    main()
