"""rm of an image on which nothing stands: gone for good, with no Python started."""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.helpers.conftest import Bench
from tests.people import Person
from tests.tools import images, leftovers, number_of


def test_an_image_and_all_that_is_noted_of_it_goes(alone: Bench) -> None:
    first = alone.layer("echo x >f")
    script = "mkdir -p a/b; echo x >a/b/f; chmod 0 a"
    if alone.person.map != "single":
        script += "; mkdir c; echo x >c/f; chown -R 33:33 c; chmod 500 c"
    second = alone.layer(script, first)
    script = 'mkdir -p "$0/used" "$0/written" && touch "$0/used/$1" "$0/written/$1"'
    notes = alone.store / "layer/0/_meta"
    alone.person.run(["sh", "-c", script, notes, second], check=True)
    done = alone("rm", second)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("1 image removed, ")
    assert done.stderr.endswith(" freed\n")
    assert images(alone.store) == [int(first)]
    assert os.listdir(notes / "used") == os.listdir(notes / "written") == []
    assert not os.path.lexists(alone.store / "index" / second)
    assert leftovers(alone.store) == []
    gone = alone("rm", second)
    assert (gone.returncode, gone.stderr) == (1, f"plash error: no image {second}\n")


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "why", ["child", "name", "pin", "trash", "kept", "option", "two"]
)
def test_what_is_more_than_that_is_plashuis(alone: Bench, why: str) -> None:
    first = alone.layer("true")
    words = ["rm", first]
    if why == "child":
        alone.layer("true", first)
    elif why == "name":
        alone("map", "web", first, check=True)
    elif why == "option":
        words = ["rm", "--trash", first]
    elif why == "two":
        words = ["rm", first, alone.layer("true")]
    else:
        pin, kept = f"layer/0/_meta/pinned/{first}", f"kept/{first}-ab12/data/f"
        made = {"pin": pin, "trash": "trash/9/_data", "kept": kept}[why]
        alone.person.run(["mkdir", "-p", alone.store / made], check=True)
    before = images(alone.store)
    assert alone(*words).stdout == "".join(f"<{word}>" for word in words)
    assert images(alone.store) == before
    assert leftovers(alone.store) == []


def test_an_image_in_use_stays(alone: Bench, busybox_tar: Path) -> None:
    image = alone.image_of(busybox_tar)
    run = alone.start("run", image, "cat", stdin=PIPE, stdout=PIPE)
    assert run.stdin
    assert run.stdout
    run.stdin.write(b"up\n")
    run.stdin.flush()
    assert run.stdout.readline() == b"up\n"
    assert alone("rm", image).stdout == f"<rm><{image}>"
    run.communicate()
    assert images(alone.store) == [int(image)]
    # The old program takes no lock, but has it mounted.
    layers = f"{alone.content(image)}:{alone.store}/layer/0/_data/root"
    script = f"mount -t overlay old -o lowerdir={layers} /mnt && echo up; read line"
    words = ["unshare", "-m" if alone.person.map == "root" else "-Urm"]
    old = alone.person.start([*words, "sh", "-c", script], stdin=PIPE, stdout=PIPE)
    assert old.stdout
    assert old.stdout.readline() == b"up\n"
    assert alone("rm", image).stdout == f"<rm><{image}>"
    old.communicate()
    assert alone("rm", image).stderr.startswith("1 image removed")
    assert leftovers(alone.store) == []


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_what_a_stranger_calls_a_mount_holds_nothing(
    alone: Bench, people: dict[str, Person]
) -> None:
    if "single" not in people:
        pytest.skip("there is nobody else")
    image = alone.layer("true")
    name = f"plashui:{image}:{number_of(alone.store)}:-"
    script = f"mount -t tmpfs {name} /mnt && echo up; read line"
    words = ["unshare", "-Urm", "sh", "-c", script]
    other = people["single"].start(words, stdin=PIPE, stdout=PIPE)
    assert other.stdout
    assert other.stdout.readline() == b"up\n"
    assert alone("rm", image).stderr.startswith("1 image removed")
    other.communicate()
