"""The verbs of scripts inside an image, where there is no Python."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helpers.conftest import Bench


def test_images_are_made_named_and_removed_inside_an_image(
    plash: Bench, image: str, playground: Path
) -> None:
    # /tmp is the host's in a run: only there are the programs, and a new store.
    place = playground
    nested = plash.person.program(__file__, "nested.sh")
    programs = [plash.program, nested]
    plash.person.run(["cp", *programs, place], check=True)
    if not place.is_relative_to("/tmp"):
        script = 'd=$(mktemp -d /tmp/plashui-nested-XXXXXX); cp "$@" $d; echo $d'
        place = Path(
            plash.person.run(
                ["sh", "-c", script, "sh", *programs], check=True
            ).stdout.strip()
        )
    try:
        done = plash("run", image, "sh", place / nested.name, place)
        assert (done.stdout, done.returncode) == ("1-2-3 done\n", 0), done.stderr
    finally:
        if place != playground:
            plash.sudo('rm -rf "$0"', place)


def test_the_program_needs_nothing_of_the_image(plash: Bench, image: str) -> None:
    """No libc and no loader, which this image has not: it brings its own along."""
    if b"__asan_init" in plash.program.read_bytes():
        pytest.skip("the sanitizers need a libc")
    if b"/lib64/ld-linux" in plash.program.read_bytes():
        cannot("there is no libc here to link with")
    within = plash.layer(f"cp {shlex.quote(str(plash.program))} plash", image)
    done = plash("run", within, "/plash", "version")
    assert (done.returncode, done.stderr) == (0, "")
