"""Pulls from a registry that are killed or cut off: the next one completes.

Once the network breaks for good at a random byte, and somebody gives up; another time
the pull is killed at a random byte. At most one piece of each layer comes again.

A few are in the suite; PLASHUI_TEST_KILLS=50 makes it 50 for each person, and
PLASHUI_TEST_SEED repeats a run. PLASHUI_TEST=thorough pulls layers of several pieces.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Final

import pytest

from tests.amount import SEED, THOROUGH, WHOLE
from tests.people import Person
from tests.registries import Registries
from tests.tools import descendants, images, is_alive, leftovers, wait_for
from tests.transfer.oci.images import Shelf, tar_of

TRIES: Final = int(os.environ.get("PLASHUI_TEST_KILLS", "6" if WHOLE else "2"))
PIECE: Final = 64 << 20
SIZES: Final = (
    (150 << 20, 90_000, 80 << 20) if THOROUGH else (40_000, 2_000_000, 90_000, 700_000)
)
ABOUT: Final = 40_000
"""More than the bytes of manifests and headers that come with each pull."""


class Line:
    """The way to a server. It breaks, for good, after `left` bytes from there."""

    def __init__(self, target: str, listener: socket.socket) -> None:
        """Begin to carry."""
        self.target, self._listener = target, listener
        self.name = f"127.0.0.1:{listener.getsockname()[1]}"
        self.came = 0
        self.left: int | None = None
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        Thread(target=self._accept, daemon=True).start()

    @property
    def is_broken(self) -> bool:
        """Whether nothing comes any more."""
        return self.left == 0

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _from = self._listener.accept()
                Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        host, port = self.target.split(":")
        with ExitStack() as stack, suppress(OSError):
            stack.enter_context(client)
            if self.is_broken:
                return
            server = socket.create_connection((host, int(port)))
            stack.enter_context(server)
            Thread(target=self._up, args=(client, server), daemon=True).start()
            while data := server.recv(16_384):
                with self._lock:
                    if self.left is not None:
                        data = data[: self.left]
                        self.left -= len(data)
                    self.came += len(data)
                client.sendall(data)
                if self.is_broken:
                    break

    @staticmethod
    def _up(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(16_384):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    """Such a way, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Line(target, listener)


@pytest.fixture(scope="session")
def name(registries: Registries, base: Path) -> str:
    """An image of layers that do not compress; its name behind that of the registry."""
    dice, shelf = random.Random(SEED), Shelf()
    tars = [tar_of({f"f{n}": dice.randbytes(size)}) for n, size in enumerate(SIZES)]
    shelf.image("it", tars, bytes)
    layout = shelf.layout(base / "pull-ends", "it")
    registries.put(f"oci:{layout}:it", "ends/it:1")
    return "ends/it:1"


class Pulls:
    """A store, and pulls into it that are ended when so many bytes have come."""

    def __init__(self, person: Person, store: Path, name: str) -> None:
        """Pull nothing yet."""
        self.person, self.store, self.name = person, store, name
        self.env = {"PLASH_DATA": str(store)}

    def words(self, line: Line) -> list[str]:
        """The command that pulls over this way."""
        return [str(self.person.bin / "plash"), "pull:oci", f"{line.name}/{self.name}"]

    def end(self, line: Line, at: int, how: signal.Signals) -> str:
        """End a pull when so many bytes have come; what it said."""
        process = self.person.start(
            self.words(line),
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        wait_for(lambda: line.came >= at or process.poll() is not None, "the bytes", 60)
        group = [process.pid, *descendants(process.pid)]
        process.send_signal(how)
        _out, said = process.communicate(timeout=60)
        assert process.returncode in (-how, 0), (said, at)
        assert b"Traceback" not in said, at
        wait_for(lambda: not any(map(is_alive, group)), "its end")
        return said.decode()

    def complete(self, line: Line) -> None:
        """Pull to the end; nothing else is there then."""
        done = self.person.run(self.words(line), env=self.env)
        assert done.returncode == 0, done.stderr
        assert len(images(self.store)) == len(SIZES)
        assert not (self.store / "downloads").exists()
        words = [self.person.bin / "plash", "clean"]
        self.person.run(words, env=self.env, check=True)
        assert leftovers(self.store) == []


@pytest.mark.parametrize("way", ["cut", "killed"])
def test_the_next_pull_completes_and_fetches_at_most_a_piece_of_each_layer_again(
    person: Person,
    playground: Path,
    registries: Registries,
    name: str,
    way: str,
) -> None:
    dice = random.Random(f"{SEED} {person.map} {way}")
    how = signal.SIGINT if way == "cut" else signal.SIGKILL
    whole, left = sum(SIZES), TRIES
    while left:
        times = min(left, dice.choice([1, 3, 6]))
        left -= times
        pulls = Pulls(person, playground / f"store-{left}", name)
        log = []
        with line_to(registries.plain) as line:
            for _time in range(times):
                at = dice.randrange(whole)
                if way == "cut":
                    line.left = at
                log.append((at, pulls.end(line, line.came + at, how)))
                line.left = None
            pulls.complete(line)
            again = line.came - whole
        most = sum(min(size, PIECE) for size in SIZES) + ABOUT
        assert again <= times * most + ABOUT, (SEED, log, again)


@pytest.mark.in_turn
def test_who_interrupts_a_pull_hears_what_stays(
    person: Person, playground: Path, registries: Registries, name: str
) -> None:
    pulls = Pulls(person, playground / "store", name)
    with line_to(registries.plain) as line:
        line.left = half = sum(SIZES) // 2
        said = pulls.end(line, half, signal.SIGINT).splitlines()
    stays = f" of {len(SIZES)} layers are complete and kept, and a new pull goes on"
    assert said[0][1:].startswith(stays)
    assert said[1:] == ["plash error: interrupted"]
