"""Images out: a squashfs against mksquashfs of the same tree; the memory it takes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from plashui.helper.squashfs import COMPRESSIONS
from tests.bench.pairs import Action, command, compare, row
from tests.bench.scene import Scene, scene
from tests.people import Person

RUNS = 3
SCRIPT = """
while kill -0 $1 2>/dev/null; do
    sum=0
    for pid in $(pstree -pT $1 | grep -o '([0-9]*)' | tr -d '()'); do
        pss=$(sed -n 's/^Pss: *//p' /proc/$pid/smaps_rollup 2>/dev/null)
        pss=${pss%% *} sum=$((sum + ${pss:-0}))
    done
    [ $sum -gt ${most:=0} ] && most=$sum
    sleep 0.05
done
echo $most
"""


def squashing(stage: Scene) -> None:
    """`push:squashfs` of a Debian root, and mksquashfs of it unpacked."""
    if stage.debian is None:
        print("push:squashfs: skipped, mmdebstrap made no Debian root")
        return
    for person in stage.people:
        _squash_as(stage, person, stage.debian)


def _squash_as(stage: Scene, person: Person, debian: Path) -> None:
    """The peer compresses by the same options, and may take any memory."""
    store, out = stage.place / "squash", stage.place / "out"
    for path in (store, out):
        path.mkdir(mode=0o755)
        person.give(path)
    env = person.environment({"PLASH_DATA": str(store)})
    plash, plashui = person.bin / "plash", person.bin / "plashui"
    person.run([plashui, "pull:tarfile", debian], env=env, check=True)
    person.run([plashui, "push:dir", "1", out / "tree"], env=env, check=True)

    def act(*words: object) -> Action:
        return command(person.argv(words), env)

    options = ["-noappend", "-no-exports", "-no-progress", "-quiet"]
    for kind in ("zstd", "gzip"):
        how = [*options, *COMPRESSIONS[kind]]
        ours = act(plashui, "push:squashfs", "--compress", kind, 1, out / "a")
        peer = act(plash, "sudo", "mksquashfs", out / "tree", out / "b", *how)
        pair = compare(ours, peer, RUNS)
        row(f"push:squashfs, {kind}, {person.map}", pair, "mksquashfs", 1.2)
    small = [*options, "-comp", "zstd", "-Xcompression-level", "3"]
    ours = act(plashui, "push:app", 1, out / "a")
    peer = act(plash, "sudo", "mksquashfs", out / "tree", out / "b", *small)
    row(f"push:app, {person.map}", compare(ours, peer, RUNS), "mksquashfs", 1.5)
    size = (out / "a").stat().st_size / (out / "b").stat().st_size
    print(f"push:app, {person.map}: {size:.3f} x its size (goal <= 1.05)", flush=True)
    argv = person.argv([plashui, "push:squashfs", 1, out / "a"])
    push = subprocess.Popen([str(word) for word in argv], env=env)
    watch = ["bash", "-c", SCRIPT, "bash", str(push.pid)]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as watcher:
        push.wait()
        told = watcher.communicate()[0]
    most = int(told) / 1024
    print(
        f"push:squashfs, {person.map}: {most:.0f} MiB in all (goal <= 70)", flush=True
    )
    person.run([plash, "sudo", "rm", "-rf", out / "tree"], check=True)
    for path in (store, out):
        shutil.rmtree(path, ignore_errors=True)


def main() -> None:
    """Print all figures."""
    with scene() as stage:
        squashing(stage)


if __name__ == "__main__":
    main()
