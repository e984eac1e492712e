"""What a script is made of, verb by verb, against the old program on the same store.

PLASHUI_OLD_PLASH names the old program; without it the peer is the command `true`, or
for what enters an image bubblewrap, if it is installed. Words choose verbs.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from tests.bench.pairs import compare_commands, row
from tests.bench.scene import scene
from tests.helper.conftest import Bench
from tests.people import Person

OLD: Final = os.environ.get("PLASHUI_OLD_PLASH", "")

VERBS: Final[dict[str, str]] = {
    "init": "$P init",
    "mkdtemp": "$P mkdtemp",
    "map": "$P map key",
    "map set and delete": "$P map other 1; $P map other ''",
    "id": "$P id 1",
    "parent": "$P parent 1",
    "nodepath": "$P nodepath 1",
    "data": "$P data",
    "stack and rm": 'mkdir "$D/l"; i=$($P stack 1 "$D/l"); $P rm $i',
    "build and rm": "i=$($P build 1 touch /x); $P rm $i",
    "check, known": '$P check 1 "$D/file"',
    "check, new, and rm": 'echo $$ >"$D/f"; i=$($P check 1 "$D/f"); $P rm $i',
    "cache, known": "$P cache build 1 touch /cached",
    "recall nodepath": "$P recall nodepath",
    "recall run": "$P recall run true",
    "do, known": '$P do pull:tarfile "$D/root.tar"',
    "run": "$P run 1 true",
    "run:persist": '$P run:persist 1 "$D/kept" true',
    "mounted": "$P mounted 1 true",
    "sudo": "$P sudo true",
    "chroot": '$P chroot "$D/root" true',
    "pull:tarfile and rm, 2 MB": 'i=$($P pull:tarfile <"$D/root.tar"); $P rm $i',
    "push:tarfile, 2 MB": "$P push:tarfile 1 - | cat",
    "push:dir, 2 MB": '$P push:dir 1 "$D/pushed"; $P sudo rm -r "$D/pushed"',
    "clean": "$P clean",
    "version": "$P version",
}
"""Scripts of the program $P, with a directory $D."""
ENTERING: Final = ("run", "run:persist", "chroot", "recall run")


def prepared(person: Person, place: Path) -> Bench:
    """A store with image 1, named, and what is remembered of it by either program."""
    plash = Bench(person, place / "store")
    root = place / "root"
    script = """
        mkdir -p "$D/root/bin" "$D/root/etc" "$D/root/tmp" "$D/kept"
        cp "$(command -v busybox)" "$D/root/bin/busybox"
        for name in sh true touch env; do ln -s busybox "$D/root/bin/$name"; done
        echo 'root:x:0:0::/root:/bin/sh' >"$D/root/etc/passwd"
        tar -C "$D/root" -cf "$D/root.tar" .
        echo x >"$D/file"
    """
    env = {**plash.environment(), "D": str(place)}
    person.run(["sh", "-ec", script], env=env, check=True)
    programs = [plash.program, *([OLD] if OLD else [])]
    person.run([programs[0], "init"], env=env, check=True)
    person.run(["cp", "-a", root, place / "layer"], check=True)
    person.run([programs[0], "stack", "0", place / "layer"], env=env, check=True)
    person.run([programs[0], "map", "key", "1"], env=env, check=True)
    for program in programs:  # this session, which is that of what is timed
        if program == OLD:
            person.run([OLD, "map", f"recall:{os.getsid(0)}", "1"], env=env, check=True)
        else:
            person.run([program, "recall", "id", "1"], env=env, check=True)
    return plash


def main() -> int:
    """Time what the words name, or all; as root and as a plain user."""
    chosen = sys.argv[1:] or list(VERBS)
    with scene(debian=False) as here:
        for person in here.people:
            place = here.place / f"script-{person.map}"
            place.mkdir()
            person.give(place)
            plash = prepared(person, place)
            env = {**plash.environment(), "D": str(place)}
            for name in chosen:
                measure(person, plash, name, env)
    return 0


def measure(person: Person, plash: Bench, name: str, env: dict[str, str]) -> None:
    """Time one verb."""

    def words(program: object) -> list[object]:
        return ["/bin/sh", "-ec", f'P="{program}"; {VERBS[name]}']

    peer: list[object] = ["/bin/true"]
    label = "true"
    if OLD:
        peer, label = words(OLD), "the old program"
    elif name in ENTERING and shutil.which("bwrap"):
        peer = ["bwrap", "--bind", plash.content(1), "/", "true"]
        label = "bwrap"
    pair = compare_commands(person, words(plash.program), peer, 15, env)
    row(f"{name}, {person.map}", pair, label, 1.0 if OLD else None)


if __name__ == "__main__":
    sys.exit(main())
