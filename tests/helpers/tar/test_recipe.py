"""A layer and its recipe are the tar that it came from, to the byte."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.amount import SEED, WHOLE
from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacked, Unpacker
from tests.helpers.tar.random_tars import random_tar


def remade(unpack: Unpacker, done: Unpacked) -> bytes:
    """The tar of a layer, made again."""
    assert done.notes
    words = [unpack.plash.program, "engine:pack-layer", done.top]
    with (done.notes / "recipe").open("rb") as recipe:
        made = subprocess.run(
            unpack.plash.person.argv(words),
            env=unpack.plash.person.environment(),
            stdin=recipe,
            capture_output=True,
            check=False,
        )
    assert (made.returncode, made.stderr) == (0, b"")
    return made.stdout


def digest(data: bytes) -> str:
    """As a layer is named."""
    return hashlib.sha256(data).hexdigest()


KINDS = {
    "nothing": a.END,
    "no end": a.file(b"f", b"x" * 1000),
    "no padding": a.file(b"f", b"x" * 1000)[:-24],
    "much after the end": a.whole(a.file(b"f", b"x")) + b"\0" * 9000 + b"rest",
    "odd padding": a.header(b"f", size=3) + b"abc".ljust(512, b"p") + a.END,
    "what is removed": a.whole(
        a.directory(b"d"), a.file(b"d/.wh.f", b"content"), a.file(b"d/.wh..wh..opq")
    ),
    "notes": a.whole(a.file(b".wh..wh.plnk/1", b"content"), a.file(b"f", b"x")),
    "odd kinds": a.whole(
        a.header(b"odd", b"Q", size=3) + a.padded(b"odd"),
        a.header(b"listed", b"D", size=4) + a.padded(b"Yf\0\0"),
        a.header(b"v", b"V"),
        a.hard_link(b"hard", b"odd"),
        a.header(b"dir/", b"\0", size=4) + a.padded(b"what"),
    ),
    "links on the way": a.whole(
        a.directory(b"real"), a.symlink(b"way", b"real"), a.file(b"way/f", b"content")
    ),
    "directories twice": a.whole(
        a.directory(b"d"), a.file(b"d/f", b"x"), a.directory(b"d", mode=0o700)
    ),
}


@pytest.mark.in_turn
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes(unpack: Unpacker, kind: str) -> None:
    done = unpack(KINDS[kind], layer=True)
    assert done.counts["recipe"]
    assert remade(unpack, done) == KINDS[kind]


def test_where_content_was_replaced_there_is_none(unpack: Unpacker) -> None:
    done = unpack(a.whole(a.file(b"f", b"1"), a.file(b"f", b"2")), layer=True)
    assert not done.counts["recipe"]
    assert (done.top / "f").read_text() == "2"


def test_random_tars(unpack: Unpacker) -> None:
    chance = random.Random(SEED)
    for _round in range(40 if WHOLE else 10):
        tar = random_tar(chance)
        done = unpack(tar, layer=True)
        if done.done.returncode == 0 and done.counts["recipe"]:
            assert digest(remade(unpack, done)) == digest(tar), SEED


def test_it_comes_back_from_an_image_and_is_small(
    unpack: Unpacker, busybox_tar: Path
) -> None:
    tar = busybox_tar.read_bytes()
    done = unpack(tar, layer=True)
    assert done.notes
    recipe = (done.notes / "recipe").read_bytes()
    assert len(zlib.compress(recipe)) < len(tar) * 0.02
    image = unpack.commit(done)
    unpack.plash.person.run(["mkdir", "-p", done.notes], check=True)
    (done.notes / "recipe").write_bytes(recipe)
    done.top = unpack.plash.content(image)
    assert digest(remade(unpack, done)) == digest(tar)


@pytest.mark.parametrize("damage", ["gone", "longer", "a fifo", "a link", "cut"])
def test_a_layer_that_is_not_as_it_was_is_refused(
    unpack: Unpacker, damage: str
) -> None:
    done = unpack(a.whole(a.file(b"d/f", b"content"), a.file(b"g")), layer=True)
    file = done.top / "d/f"
    script = {
        "gone": 'rm "$0"',
        "longer": 'echo x >>"$0"',
        "a fifo": 'rm "$0"; mkfifo "$0"',
        "a link": 'rm "$0"; ln -s g "$0"',
        "cut": "true",
    }
    unpack.plash.sudo(script[damage], file)
    assert done.notes
    recipe = (done.notes / "recipe").read_bytes()
    if damage == "cut":
        recipe = recipe[:700]
    words = [unpack.plash.program, "engine:pack-layer", done.top]
    made = subprocess.run(
        unpack.plash.person.argv(words),
        env=unpack.plash.person.environment(),
        input=recipe,
        capture_output=True,
        check=False,
    )
    assert made.returncode in (1, 2)
    begin = "plash error: cannot make the tar of the layer again: "
    assert made.stderr.decode().startswith(begin)
    assert made.stderr.count(b"\n") == 1


def test_nobody_reads_it(unpack: Unpacker) -> None:
    done = unpack(a.whole(a.file(b"f", os.urandom(1 << 20))), layer=True)
    assert done.notes
    script = '"$1" engine:pack-layer "$2" <"$0" | head -c 1 >/dev/null'
    words = [done.notes / "recipe", unpack.plash.program, done.top]
    ended = unpack.plash.person.run(["sh", "-c", script, *words])
    assert ended.returncode == 0
