"""What a script is made of, verb by verb, against the old program.

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
    "chroot": '$P sudo $P chroot "$D/root" true',
    "pull:tarfile and rm, 2 MB": 'i=$($P pull:tarfile <"$D/root.tar"); $P rm $i',
    "push:tarfile, 2 MB": "$P push:tarfile 1 - | cat",
    "push:dir, 2 MB": '$P push:dir 1 "$D/pushed"; $P sudo rm -r "$D/pushed"',
    "clean": "$P clean",
    "clean, links": "$P clean",
    "clean, a small directory": "$P clean",
    "clean, a killed run": "$P clean",
    "clean, of other owners": "$P clean",
    "clean, 500 files": "$P clean",
    "version": "$P version",
}
"""Scripts of the program $P, with a directory $D."""
_LEFT: Final = 'cd "$PLASH_DATA/tmp"; l=plashtmp_4194305_4194306_x; mkdir $l; cd $l; '
BEFORE: Final[dict[str, str]] = {
    "clean, links": 'cd "$PLASH_DATA"; ln -s ../layer/0/77 index; cp -P index/77 map',
    "clean, a small directory": _LEFT + "mkdir data; touch data/x",
    "clean, a killed run": _LEFT + 'mkdir -p work/work; cp -a "$D/root" data',
    "clean, of other owners": _LEFT
    + '$P sudo sh -c "mkdir x; touch x/y; chown -R 1 x || :"',
    "clean, 500 files": _LEFT + "touch $(seq 500)",
}
"""What killed programs leave before each turn, which is not timed."""
ENTERING: Final = ("run", "run:persist", "chroot", "recall run")


def prepared(person: Person, place: Path, program: Path) -> dict[str, str]:
    """A store of a program's own with image 1, named and remembered."""
    env = {"PLASH_DATA": str(place / "store"), "D": str(place), "P": str(program)}
    person.run(
        ["sh", person.program(__file__, "prepare_script.sh")], env=env, check=True
    )
    # In this session, which is that of what is timed.
    last = ["recall", "id", "1"]
    if str(program) == OLD:
        last = ["map", f"recall:{os.getsid(0)}", "1"]
    person.run([program, *last], env=env, check=True)
    return env


def main() -> int:
    """Time what the words name, or all; as root and as a plain user."""
    chosen = sys.argv[1:] or list(VERBS)
    with scene(debian=False) as here:
        for person in here.people:
            places = []
            for which in ("new", *(["old"] if OLD else [])):
                places.append(here.place / f"script-{person.map}-{which}")
                places[-1].mkdir()
                person.give(places[-1])
            programs = (person.bin / "plash", Path(OLD))
            both = [
                prepared(person, place, program)
                for place, program in zip(places, programs, strict=False)
            ]
            for name in chosen:
                measure(person, name, both)
    return 0


def script(what: str, env: dict[str, str]) -> str:
    """A script on a program's store."""
    settings = "".join(f"export {key}={value}; " for key, value in env.items())
    return settings + what


def words(name: str, env: dict[str, str]) -> list[object]:
    """The command line of a verb on a program's store."""
    return ["/bin/sh", "-ec", script(VERBS[name], env)]


def measure(person: Person, name: str, both: list[dict[str, str]]) -> None:
    """Time one verb."""
    peer: list[object] = ["/bin/true"]
    label = "true"
    if OLD:
        peer, label = words(name, both[1]), "the old program"
    elif name in ENTERING and shutil.which("bwrap"):
        root = Path(both[0]["PLASH_DATA"]) / "layer/0/1/_data/root"
        peer, label = ["bwrap", "--bind", root, "/", "true"], "bwrap"
    what = BEFORE.get(name)
    before = "\n".join(f"({script(what, env)})" for env in both) if what else ""
    pair = compare_commands(person, words(name, both[0]), peer, 15, {}, before)
    row(f"{name}, {person.map}", pair, label, 1.0 if OLD else None)


if __name__ == "__main__":
    sys.exit(main())
