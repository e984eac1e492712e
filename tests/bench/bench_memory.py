"""The memory that unpacking ten million members takes, beside GNU tar's.

Half a million names come twenty times each, so that the disk need not hold ten million
files; `tests/helpers/tar/test_hostile.py` unpacks as many names as fit into a suite.
PLASHUI_BENCH_MEMBERS sets another number.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.bench.scene import Scene, scene
from tests.helpers.conftest import Bench, make_store
from tests.helpers.tar import archives as a
from tests.people import Person

MEMBERS = int(os.environ.get("PLASHUI_BENCH_MEMBERS", "10000000"))
ROUNDS = 20
PEAK = Path(__file__).parents[1] / "helpers/tar/programs/peak_memory.py"


def members(place: Path) -> Path:
    """The members of one round."""
    with place.open("wb") as out:
        for number in range(MEMBERS // ROUNDS):
            name = b"%d/%d/%d" % (number % 7, number // 1000, number)
            out.write(a.file(name) if number % 50 else a.directory(name))
    return place


def peak(once: Path, words: list[object]) -> int:
    """The most memory in KiB that a command had which reads all rounds."""
    script = 'for n in $(seq "$0"); do cat "$1"; done; head -c 1024 /dev/zero'
    feed = subprocess.Popen(
        ["sh", "-c", script, str(ROUNDS), str(once)], stdout=subprocess.PIPE
    )
    command = ["python3", str(PEAK), *map(str, words)]
    done = subprocess.run(
        command, stdin=feed.stdout, capture_output=True, text=True, check=True
    )
    feed.wait()
    status, kibibytes = map(int, done.stdout.split())
    assert status == 0, done.stderr
    return kibibytes


def measure(stage: Scene, person: Person) -> None:
    """As a root filesystem, as a layer, and GNU tar."""
    home = stage.place / "memory"
    home.mkdir()
    plash = Bench(person, make_store(person, home / "store"))
    once = members(home / "members")
    notes, theirs = home / "notes", home / "tar"
    for place in (notes, theirs):
        place.mkdir()
    extract: list[object] = [plash.program, "engine:extract"]
    root = [*extract, plash.work("root") / "data"]
    layer = [*extract, "--layer", notes, plash.work("layer") / "data"]
    tar: list[object] = ["tar", "-x", "-C", theirs, "-f", "-"]
    nothing: list[object] = [
        "sh",
        "-c",
        "exec cat >/dev/null",
    ]  # what starting one takes
    for name, words in (
        ("nothing", nothing),
        ("root", root),
        ("layer", layer),
        ("GNU tar", tar),
    ):
        print(f"{MEMBERS:,} members, {name:<9} {peak(once, words):9,} KiB", flush=True)


def main() -> None:
    """Print all figures."""
    with scene(debian=False) as stage:
        measure(stage, stage.person)


if __name__ == "__main__":
    main()
