"""Builds that were done before, against a run of what they made.

`plash --from … -- true` against `plashui version` and `plash run … true` together, also
where standard input is read, and where nothing can be stamped (macros in Python); and a
file of macros against `plash run … true`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.pairs import command, compare, row
from tests.bench.scene import Scene, scene


def cached(stage: Scene, store: Path, image: str) -> None:
    """Time both; what they build is in the cache, and the file is old enough."""
    person = stage.person
    env = person.environment({"PLASH_DATA": str(store)})
    plash = person.bin / "plash"
    words = [plash, "--from", image, "-x", "touch /a", "--", "true"]
    person.run(words, env=env, check=True)
    file = store / "tool"
    text = f"--from {image}\n-x 'touch /a'\n--entrypoint true\n"
    make = 'printf %s "$0" >"$1"; sleep 2'
    person.run(["sh", "-c", make, text, file], check=True)
    person.run([plash, file], env=env, check=True)

    both = f"{person.bin}/plashui version && {plash} run {image} true"
    peer = command(person.argv(["sh", "-c", both]), env)
    run = command(person.argv([plash, "run", image, "true"]), env)
    pair = compare(command(person.argv(words), env), peer, 15)
    row("plash --from … -- true, cached", pair, "version and run", 1.3)
    script = f"echo touch /a | {plash} --from {image} --run-stdin -- true"
    module = "def t(): return 'touch /a'"
    text = f"from plashui.recipes.macros import macro\n@macro\n{module}\n"
    person.run(
        ["sh", "-c", 'printf %s "$0" >"$1"', text, store / "mine.py"], check=True
    )
    mine = f"cd {store} && {plash} --from {image} --import mine --t -- true"
    for line, text in (("--run-stdin", script), ("--import", mine)):
        timed = command(person.argv(["sh", "-c", text]), env)
        timed()
        pair = compare(timed, peer, 15)
        row(f"plash --from … {line} -- true, cached", pair, "version and run", 1.3)
    pair = compare(command(person.argv([plash, file]), env), run, 15)
    row("plash ./file, cached", pair, "plash run", 1.5)


def main() -> None:
    """Time cached builds on a busybox image."""
    busybox = shutil.which("busybox")
    if busybox is None:
        print("bench_recipes: skipped, busybox is not installed")
        return
    with scene(debian=False) as stage:
        store = stage.place / "recipes"
        person = stage.person
        env = person.environment({"PLASH_DATA": str(store)})
        make = (
            'r=$(mktemp -d); mkdir $r/bin; cp "$1" $r/bin/busybox;'
            " for a in sh touch true; do ln -s busybox $r/bin/$a; done;"
            ' "$0" stack 0 $r'
        )
        done = person.run(
            ["sh", "-ec", make, person.bin / "plash", busybox], env=env, check=True
        )
        cached(stage, store, done.stdout.strip())


if __name__ == "__main__":
    main()
