"""The helper against its peers, measured alternately.

`python tests/bench/bench_helper.py [run] [walks]`; as root it makes the users it needs.
Prints ratios: medians of pairs. Asserts nothing, since times swing by half from minute
to minute.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.helper.conftest import Bench, make_store  # noqa: E402
from tests.people import Person, made_user, myself  # noqa: E402

PAIRS: Final = int(os.environ.get("PLASHUI_BENCH_PAIRS", "25"))
Thing = Callable[[], None]
Words = list[str | Path]


def timed(thing: Thing) -> float:
    """Milliseconds it takes."""
    start = time.perf_counter()
    thing()
    return (time.perf_counter() - start) * 1000


def compare(
    title: str,
    ours: Thing,
    peer: Thing,
    *,
    pairs: int = PAIRS,
    before: Thing | None = None,
    warm: bool = True,
) -> None:
    """One line: medians of both, and the median of the pairs' ratios."""
    if warm:
        ours()
        peer()
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(pairs):
        for thing, times in ((ours, mine), (peer, theirs)):
            if before:
                before()
            times.append(timed(thing))
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    print(
        f"{title:58} {statistics.median(mine):8.1f} ms"
        f" {statistics.median(theirs):8.1f} ms  {ratio:5.2f} x"
    )


def skip(title: str, reason: str) -> None:
    """A peer that is not there."""
    print(f"{title:58} skipped: {reason}")


def as_person(person: Person, words: Sequence[str | Path], **env: str) -> Thing:
    """Runs the words as the person, who became so before the clock starts ticking."""
    argv = [str(word) for word in words]

    def run() -> None:
        subprocess.run(
            argv,
            env=person.environment(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            user=person.uid if person.uid != os.geteuid() else None,
            group=person.gid if person.uid != os.geteuid() else None,
            extra_groups=[] if person.uid != os.geteuid() else None,
            check=True,
        )

    return run


def drop_caches() -> None:
    """Forget what the kernel has read, as far as we may."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def bench_run(person: Person, plash: Bench, image: str, rootfs: Path) -> None:
    """`run ID true`."""
    ours = as_person(
        person, [plash.program, "run", image, "true"], PLASH_DATA=str(plash.store)
    )
    title = f"{person.map}: run ID true"
    bwrap: Words = [
        "bwrap",
        "--bind",
        rootfs,
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "true",
    ]
    if shutil.which("bwrap"):
        compare(f"{title} / bwrap --bind", ours, as_person(person, bwrap))
    else:
        skip(f"{title} / bwrap --bind", "bubblewrap is not installed")
    if person.map == "full":
        unshare: Words = ["unshare", "-Urm", "--map-auto", "chroot", rootfs, "true"]
        compare(
            f"{title} / unshare --map-auto chroot", ours, as_person(person, unshare)
        )


def bench_walks(person: Person, plash: Bench, tar: Path) -> None:
    """Usage, removal and extraction of one real tree."""
    tree = plash.work("tree") / "data"
    plash.extract(tree, tar)
    usage = as_person(person, [plash.program, "engine:usage", plash.store, "tmp/tree"])
    sudo: Words = [plash.program, "sudo"] if person.map != "root" else []
    du = as_person(person, [*sudo, "du", "-s", tree.parent])
    compare(f"{person.map}: engine:usage / du -s, warm", usage, du)
    if os.access("/proc/sys/vm/drop_caches", os.W_OK):
        title = f"{person.map}: engine:usage / du -s, cold"
        compare(title, usage, du, pairs=5, before=drop_caches, warm=False)

    def copies(name: str) -> Thing:
        def make() -> None:
            plash.work(name)
            plash.extract(plash.store / "tmp" / name / "data", tar)
            os.sync()

        return make

    remove = as_person(person, [plash.program, "engine:remove", plash.store, "a"])
    rm = as_person(person, [*sudo, "rm", "-rf", plash.store / "tmp/b"])

    def both() -> None:
        copies("a")()
        copies("b")()

    title = f"{person.map}: engine:remove / rm -rf"
    compare(title, remove, rm, pairs=5, before=both, warm=False)

    def extract() -> None:
        plash.extract(plash.work("x") / "data", tar)

    def plain_tar() -> None:
        words = ["tar", "-x", "-f", str(tar), "-C", str(plash.work("y") / "data")]
        plash("sudo", *words)

    def clean() -> None:
        names = [n for n in ("x", "y") if (plash.store / "tmp" / n).exists()]
        if names:
            plash("engine:remove", plash.store, *names)
        os.sync()

    title = f"{person.map}: engine:extract / tar -x"
    compare(title, extract, plain_tar, pairs=4, before=clean, warm=False)
    clean()


def system_tar(base: Path) -> Path:
    """A tree of real files of this machine, as a tar: /usr/lib/python3 and its like."""
    cached = Path(os.environ.get("PLASHUI_TEST_CACHE", base)) / "debian-minbase.tar"
    if cached.is_file():
        return cached
    path = base / "system.tar"
    with tarfile.open(path, "w") as tar:
        for place in ("/usr/lib/python3", "/usr/lib/python3.11", "/usr/include"):
            if Path(place).is_dir():
                tar.add(place, arcname=place.lstrip("/"))
    return path


def busybox_tar(base: Path) -> Path | None:
    """A root file system of static busybox."""
    busybox = shutil.which("busybox")
    if not busybox:
        return None
    root = base / "busybox"
    for name in ("bin", "etc", "tmp", "root", "home", "proc", "sys", "dev", "mnt"):
        (root / name).mkdir(parents=True)
    shutil.copy2(busybox, root / "bin/busybox")
    for name in ("true", "sh"):
        (root / "bin" / name).symlink_to("busybox")
    (root / "etc/resolv.conf").touch()
    path = base / "busybox.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(root, arcname=".")
    path.chmod(0o644)
    return path


def bench(person: Person, base: Path, small: Path, big: Path) -> None:
    """Everything, as one person."""
    home = Path(tempfile.mkdtemp(dir=base))
    home.chmod(0o755)
    person.give(home)
    plash = Bench(person, make_store(person, home / "store"))
    image = plash.image_of(small)
    asked = sys.argv[1:] or ["run", "walks"]
    if "run" in asked:
        bench_run(person, plash, image, plash.content(image))
    if "walks" in asked:
        bench_walks(person, plash, big)
    plash("sudo", "rm", "-rf", plash.store)


def main() -> None:
    """Measure as everybody we can be."""
    base = Path(tempfile.mkdtemp(prefix="plashui-bench-"))
    base.chmod(0o755)
    helper = Path(os.environ.get("PLASHUI_HELPER", ROOT / "build/plash"))
    programs = base / "bin"
    programs.mkdir()
    shutil.copy2(helper, programs / "plash")
    try:
        small, big = busybox_tar(base), system_tar(base)
        if not small:
            sys.exit("busybox is not installed (Debian: busybox-static)")
        print(f"{'':58} {'ours':>11} {'peer':>11}  ratio")
        me = myself(base, programs)
        bench(me, base, small, big)
        if os.geteuid() == 0:
            with made_user("full", base, programs) as person:
                bench(person, base, small, big)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
