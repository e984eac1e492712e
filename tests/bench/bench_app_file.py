"""One executable file of a Debian root: starting it, reading it, unpacking it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.pairs import Action, command, compare, row
from tests.bench.scene import Scene, scene
from tests.helpers.conftest import Bench, make_store

READ_ALL = "tar -cf - --one-file-system / 2>/dev/null | cat >/dev/null"
# By hand: a mount of its squashfs, and a sandbox in it.
BY_HAND = """
mkdir -p "$1"; squashfuse_ll -o allow_other,offset=$2 "$0" "$1"; mounted=$1; shift 2
bwrap --unshare-all --ro-bind "$mounted/rootfs" / --dev /dev --proc /proc \\
    --tmpfs /tmp "$@"
umount "$mounted"
"""


def drop_caches() -> None:
    """Forget what the kernel has read."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def make(stage: Scene, plash: Bench, file: Path) -> None:
    """The file, by `push:app`, beside what mksquashfs does of the same files."""
    assert stage.debian
    plash.extract(plash.work("import") / "data", stage.debian)
    image = plash.commit("import")
    env = plash.environment()
    words = [plash.program, "push:app", "--compress", "zstd", image, file]
    content, peer = plash.content(image), file.with_name("peer.squashfs")
    mksquashfs = ["mksquashfs", content, peer, "-comp", "zstd", "-noappend"]
    mksquashfs += ["-Xcompression-level", "3", "-quiet", "-no-progress"]
    pair = compare(command(words, env), command(mksquashfs), 2)
    row("push:app", pair, "mksquashfs zstd -3", 1.5)
    print(f"its size: {file.stat().st_size / peer.stat().st_size:.2f} of mksquashfs's")


def starting(plash: Bench, file: Path, by_hand: list[object]) -> None:
    """A first start, and a later one."""
    env = {**os.environ, "XDG_CACHE_HOME": str(file.with_name("cache"))}
    fuse = {**env, "PLASH_APP_WAY": "fuse"}
    first, peer = command([file, "true"], fuse), command([*by_hand, "true"])
    name = "first start, squashfuse_ll and bwrap"
    row("first start", compare(first, peer, 15), name, 0.7)
    row("first start, not in memory", compare(first, peer, 5, drop_caches), name, 0.7)
    later = command([file, "true"], {**env, "PLASH_APP_WAY": "cache"})
    run = command([plash.program, "run", "--isolate", "1", "true"], plash.environment())
    row("later start", compare(later, run, 15), "plash run --isolate", 1.0)


def reading(file: Path, by_hand: list[object]) -> None:
    """All files, and all names, by FUSE."""
    fuse = {**os.environ, "PLASH_APP_WAY": "fuse"}
    for name, script, goal in (
        ("reading all files by FUSE", READ_ALL, 0.9),
        ("naming all files by FUSE", "find / -xdev -size +1000 >/dev/null", None),
    ):
        words = ["sh", "-c", script]
        pair = compare(command([file, *words], fuse), command([*by_hand, *words]), 5)
        row(name, pair, "squashfuse_ll and bwrap", goal)


def unpacking(stage: Scene, file: Path) -> None:
    """A start with an empty cache."""
    cache, there = file.with_name("other-cache"), file.with_name("untarred")
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "PLASH_APP_WAY": "cache"}
    assert stage.debian
    tar = ["tar", "-xf", stage.debian, "-C", there]

    def clear() -> None:
        for path in (cache, there):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        os.sync()

    action: Action = command([file, "true"], env)
    row("start with unpacking", compare(action, command(tar), 4, clear), "tar -x", 1.0)
    clear()


def main() -> None:
    """Print all figures, as root."""
    missing = [
        x for x in ("squashfuse_ll", "bwrap", "mksquashfs") if not shutil.which(x)
    ]
    with scene() as stage:
        if os.geteuid() != 0 or not stage.debian or missing:
            print("skipped: it needs root, a Debian root, and", *missing)
            return
        place = stage.place / "file"
        place.mkdir()
        plash = Bench(stage.person, make_store(stage.person, place / "store"))
        file = place / "app"
        make(stage, plash, file)
        offset = subprocess.run(
            [file, "--appimage-offset"], check=True, capture_output=True, text=True
        )
        by_hand: list[object] = ["sh", "-c", BY_HAND, file, place / "mounted"]
        by_hand.append(offset.stdout.strip())
        starting(plash, file, by_hand)
        reading(file, by_hand)
        unpacking(stage, file)


if __name__ == "__main__":
    main()
