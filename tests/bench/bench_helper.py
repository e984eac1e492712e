"""The helper against its peers: entering an image, counting, deleting, unpacking."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.pairs import Action, command, compare, compare_commands, row
from tests.bench.scene import Scene, scene
from tests.helpers.conftest import Bench, make_chain, make_store
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


def isolated(person: Person, plash: Bench, image: str) -> None:
    """`run --isolate` against what else makes all the namespaces."""
    rootfs = plash.content(image)
    run = [plash.program, "run", "--isolate", image, "true"]
    env = plash.environment()
    name = f"run --isolate ID true, {person.map}"
    goal = {"root": 1.0, "full": 1.3}.get(person.map)
    words: list[object] = ["bwrap", "--unshare-all", "--bind", rootfs, "/"]
    words += ["--dev", "/dev", "--proc", "/proc", "true"]
    if shutil.which("bwrap"):
        pair = compare_commands(person, run, words, 40, env)
        row(name, pair, "bwrap --unshare-all", goal)
    bundle = plash.store / "tmp/bundle"
    if person.map == "root" and crun_works(bundle, rootfs):
        words = ["crun", "run", "--bundle", bundle, f"bench-{os.getpid()}"]
        row(name, compare_commands(person, run, words, 20, env), "crun run", None)
    else:
        skip(f"{name}, crun", "it is not installed, or cannot start a container here")


def folder(person: Person, plash: Bench, image: str) -> None:
    """`run:folder` against bubblewrap with the same mounts, and d-run of d-utils."""
    place = plash.work("folder")
    place.chmod(0o755)
    rootfs = plash.content(image)
    (place / "rootfs").symlink_to(rootfs)
    config = '{"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["true"]}'
    (place / "config.json").write_text(config)
    run = [plash.program, "run:folder", place]
    name = f"run:folder DIR, {person.map}"
    words: list[object] = ["bwrap", "--unshare-all", "--bind", rootfs, "/"]
    for file_system in ("--tmpfs /tmp", "--tmpfs /run", "--dev /dev", "--proc /proc"):
        words += file_system.split()
    words += ["--ro-bind", "/sys", "/sys", "--remount-ro", "/", "true"]
    if shutil.which("bwrap"):
        row(
            name,
            compare_commands(person, run, words, 40, {}),
            "bwrap, same mounts",
            1.1,
        )
    if shutil.which("d-run"):
        row(name, compare_commands(person, run, ["d-run", place], 10, {}), "d-run", 0.3)
    else:
        skip(f"{name}, d-run", "d-utils is not installed")


def crun_works(bundle: Path, rootfs: Path) -> bool:
    """Whether crun runs `true` in it, without a terminal; makes the bundle."""
    if not shutil.which("crun"):
        return False
    bundle.mkdir()
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["process"] |= {"terminal": False, "args": ["true"]}
    config["root"] = {"path": str(rootfs), "readonly": True}
    (bundle / "config.json").write_text(json.dumps(config))
    words = ["crun", "run", "--bundle", str(bundle), f"try-{os.getpid()}"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def mounted(person: Person, plash: Bench, image: str) -> None:
    """`mounted ID true` against the same without an image."""
    ours = [plash.program, "mounted", image, "/bin/true"]
    words: list[object] = ["unshare", "-m", "/bin/true"]
    if person.map != "root":
        words = ["unshare", "-Urm", "/bin/true"]
        if person.map == "full":
            words.insert(2, "--map-auto")
    pair = compare_commands(person, ours, words, 40, plash.environment())
    row(f"mounted ID true, {person.map}", pair, " ".join(map(str, words[:-1])), None)


def deep(person: Person, plash: Bench, tar: Path) -> None:
    """`run` at several depths against the same with one layer."""
    make_chain(plash, 500)
    plash.extract(plash.content(1), tar)
    shallow = [plash.program, "run", "1", "true"]
    for depth, goal in ((10, None), (100, 2.0), (500, None)):
        run = [plash.program, "run", str(depth), "true"]
        pair = compare_commands(person, run, shallow, 40, plash.environment())
        row(f"run, {depth} layers, {person.map}", pair, "run, 1 layer", goal)


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
    peers: dict[str, list[object]] = {
        "ncdu": ["ncdu", "-0", "-o", "/dev/null", tree.parent],
        "gdu": ["gdu", "--non-interactive", "--no-progress", tree.parent],
    }
    for peer, words in peers.items():
        if shutil.which(peer):
            other = command(person.argv([*inside, *words]), env)
            row(f"engine:usage, warm, {person.map}", compare(usage, other, 10), peer)
        else:
            skip(f"engine:usage against {peer}", "it is not installed")
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
    image = plash.commit("import")
    entering(person, plash, image)
    isolated(person, plash, image)
    folder(person, plash, image)
    mounted(person, plash, image)
    walking(person, plash, stage.debian)
    plash("sudo", "rm", "-rf", plash.store)
    chain = Bench(person, make_store(person, home / "chain"))
    deep(person, chain, stage.debian)
    plash("sudo", "rm", "-rf", chain.store)


def main() -> None:
    """Print all figures."""
    with scene() as stage:
        for person in stage.people:
            measure(stage, person)


if __name__ == "__main__":
    main()
