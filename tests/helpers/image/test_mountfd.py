"""engine:mountfd: an image as descriptors, with nothing else left behind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.conftest import Bench, Word, make_chain, make_store
from tests.helpers.mount.test_mount import BUSY, HOSTILE
from tests.people import Person
from tests.tools import children_of, mounts_of, wait_for


class Receiver:
    """Holds an image's descriptors, and does with them what it is told."""

    def __init__(self, plash: Bench, image: str | int, *options: str) -> None:
        """Ask for them."""
        program = plash.person.program(__file__, "receiver.py")
        self.process = plash.person.start(
            ["/usr/bin/python3", program, plash.program, plash.store, image, *options],
            env=plash.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.message, self.count = self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def __call__(self, *words: str) -> Any:
        """What a function of programs/receiver.py returns, or its error."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(words).encode() + b"\n")
        self.process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        """Kill it, without a warning."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()


@pytest.fixture
def receive(plash: Bench) -> Iterator[Callable[..., Receiver]]:
    """Starts receivers, and ends those that are left."""
    started: list[Receiver] = []

    def start(image: str | int, *options: str) -> Receiver:
        started.append(Receiver(plash, image, *options))
        return started[-1]

    yield start
    for receiver in started:
        receiver.end()


def is_free(plash: Bench, directory: Path) -> bool:
    """Whether nobody holds a lock on it."""
    return plash.person.run([*BUSY, directory, "true"]).returncode == 0


def test_an_image_is_read_by_its_descriptors(
    plash: Bench, image: str, receive: Callable[..., Receiver]
) -> None:
    held = receive(image)
    message = held.message
    assert message["ev"] == "ready"
    assert message["map"] == plash.person.map
    assert (message["depth"], held.count) == (2, 3)
    first = message["uids"].split(":")[:2]
    assert first == ["0", str(plash.person.uid)]
    assert "etc" in held("entries", ".")
    assert held("read", "m", "etc/passwd") == "root:x:0:0:root:/root:/bin/sh\n"
    assert held("create", "new", "") == "Read-only file system"
    held("close", "m")
    assert held("read", "d", "etc/passwd") == "root:x:0:0:root:/root:/bin/sh\n"
    assert children_of(held.process.pid) == []
    assert mounts_of(plash.store) == []


def test_who_holds_them_holds_the_image(
    plash: Bench, image: str, receive: Callable[..., Receiver]
) -> None:
    data = plash.content(image).parent
    held = receive(image)
    assert not is_free(plash, data)
    held("close")
    assert is_free(plash, data)


def test_killed_with_them_nothing_stays(
    plash: Bench, image: str, playground: Path, receive: Callable[..., Receiver]
) -> None:
    changes = playground / "changes"
    plash.person.run(["mkdir", changes], check=True)
    data = plash.content(image).parent
    held = receive(image, "--upper", str(changes))
    held.process.kill()
    wait_for(lambda: is_free(plash, data), "the image to be free")
    assert is_free(plash, changes)
    assert mounts_of(plash.store) == []
    again = receive(image, "--upper", str(changes))
    assert "etc" in again("entries", ".")


def test_changes_are_made_by_them_and_by_nobody_else(
    plash: Bench, image: str, playground: Path, receive: Callable[..., Receiver]
) -> None:
    changes = playground / "changes"
    plash.person.run(["mkdir", changes], check=True)
    held = receive(image, "--upper", str(changes))
    assert held.count == 4
    assert not is_free(plash, changes)
    assert not is_free(plash, plash.content(image).parent)
    held("create", "new", "x")
    held("remove", "etc/group")
    assert held("entries", "etc") == ["passwd"]
    words: list[Word] = ["run:persist", image, changes]
    done = plash(*words, "true")
    assert "another run is using it" in done.stderr
    held("close")
    done = plash(*words, "sh", "-c", "cat /new; ls /etc/group")
    assert done.stdout == "x", done.stderr


def test_the_ground_and_deep_images(
    plash: Bench, receive: Callable[..., Receiver]
) -> None:
    make_chain(plash, 500)
    for depth in (0, 1, 500):
        held = receive(depth)
        assert len(held("entries", ".")) == (depth and depth + 2)
        held.end()


def test_a_store_of_any_name_gives_descriptors(
    person: Person, playground: Path, busybox_tar: Path
) -> None:
    plash = Bench(person, make_store(person, playground / HOSTILE))
    image = plash.layer(": >two", plash.layer(": >one", plash.image_of(busybox_tar)))
    held = Receiver(plash, image)
    assert {"one", "two", "bin"} <= set(held("entries", "."))
    held.end()


def test_the_ways_of_older_kernels_give_the_same(
    image: str, receive: Callable[..., Receiver]
) -> None:
    for tier in ("1", "2", "3"):
        held = receive(image, "--overlay-tier", tier)
        assert held.message["tier"] >= int(tier)
        assert "etc" in held("entries", ".")


def test_an_image_that_is_not_there_gives_none(plash: Bench) -> None:
    done = plash("engine:mountfd", "--sock", "0", plash.store, "99")
    assert (done.returncode, done.stderr) == (1, "plash error: no image 99\n")
    done = plash("engine:mountfd", "--sock", "77", plash.store, "0")
    assert done.returncode == 2
