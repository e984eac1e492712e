"""The verbs of scripts inside an image, where there is no Python."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.conftest import cannot
from tests.helpers.conftest import Bench

SCRIPT = """
set -e
ln -s /mnt/lib64 /lib64  # a program linked as usual needs a libc
ln -s /mnt/lib /lib
cd $1
plash=$1/plash
export PLASH_DATA=$1/nested
$plash init
mkdir layer layer/bin
cp /bin/busybox layer/bin
ln -s busybox layer/bin/sh
ln -s busybox layer/bin/touch
one=$($plash stack 0 layer)
two=$($plash do build $one touch /x 2>&1) || { echo "$two"; exit 1; }
$plash map web $two
$plash map web ''
$plash recall id $one >/dev/null
three=$($plash do check $1/plash)
$plash rm $two
$plash run $three sh -c 'echo $0 done' $one-$two-$three
"""


def test_images_are_made_named_and_removed_inside_an_image(
    plash: Bench, image: str, playground: Path
) -> None:
    # /tmp is the host's in a run: only there is the program, and a new store.
    place = playground
    plash.person.run(["cp", plash.program, place / "plash"], check=True)
    if not place.is_relative_to("/tmp"):
        script = 'd=$(mktemp -d /tmp/plashui-nested-XXXXXX); cp "$0" $d/plash; echo $d'
        place = Path(
            plash.person.run(
                ["sh", "-c", script, plash.program], check=True
            ).stdout.strip()
        )
    try:
        done = plash("run", image, "sh", "-c", SCRIPT, "sh", place)
        assert (done.stdout, done.returncode) == ("1-2-3 done\n", 0), done.stderr
    finally:
        if place != playground:
            plash.sudo('rm -rf "$0"', place)


def test_the_program_needs_nothing_of_the_image(plash: Bench, image: str) -> None:
    """No libc and no loader, which this image has not: it brings its own along."""
    if b"/lib64/ld-linux" in plash.program.read_bytes():
        cannot("there is no libc here to link with, or the sanitizers need another")
    within = plash.layer(f"cp {shlex.quote(str(plash.program))} plash", image)
    done = plash("run", within, "/plash", "version")
    assert (done.returncode, done.stderr) == (0, "")
