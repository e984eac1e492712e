"""A server of a store with two images, and raw requests to it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plashui.store.names import set_name
from plashui.store.store import Store
from plashui.transfer.oci.way import Way
from plashui.transfer.serve.server import Server, at_address
from plashui.transfer.serve.shelf import Shelf
from tests.transfer.oci import images
from tests.transfer.oci.conftest import pulled

BIG = b"0123456789abcdef" * (1 << 18)
"""The content of a file that no socket buffers whole."""


@dataclass
class Reply:
    """An answer: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Served:
    """A server that runs, and what it told."""

    server: Server
    told: list[str] = field(default_factory=list)

    def connect(self, seconds: float = 30) -> socket.socket:
        """Open a connection."""
        host, port = self.server.address().rsplit(":", 1)
        return socket.create_connection((host, int(port)), seconds)

    def raw(self, data: bytes) -> bytes:
        """Send bytes and no more; all that is answered until the end."""
        with self.connect() as here:
            try:
                here.sendall(data)
                here.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: here.recv(1 << 16), b""))
            except OSError:
                return b""

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Ask for a path, in a connection of its own."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
        lines += [f"{key.replace('_', '-')}: {word}" for key, word in headers.items()]
        return read_reply(self.raw("\r\n".join([*lines, "", ""]).encode("latin-1")))

    def layers(self, name: str = "team/big", tag: str = "1") -> list[dict[str, Any]]:
        """The layers of an image, as its manifest has them."""
        found = self.ask(f"/v2/{name}/manifests/{tag}").json()["layers"]
        assert isinstance(found, list)
        return found


def read_reply(raw: bytes) -> Reply:
    """Take an answer apart."""
    head, _blank, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    named = {name.lower(): word for name, _colon, word in pairs}
    return Reply(int(first.split()[1]), named, body)


Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with `team/big:1`, `secret` (no name of a registry) and `other`."""
    return filled(tmp_path / "store")


def filled(place: Path) -> Store:
    """Make it."""
    store, source = Store(place), images.Shelf()
    for name, tag, data in (
        ("team/big:1", "big", BIG),
        ("my secret", "secret", b"secret"),
        ("registry.example.org:5000/other", "other", b"other"),
    ):
        source.image(tag, [images.tar_of({"etc": None, "etc/x": data})])
        set_name(store, name, pulled(store, source, tag).id)
    return store


@contextmanager
def serving(
    store: Store, *allowed: str, compression: str = "none", **options: Any
) -> Iterator[Served]:
    """Serve a store during the block."""
    told: list[str] = []
    once = options.pop("once", False)
    shelf = Shelf(store, Way(compression), allowed, tell=told.append)
    server = Server(shelf, at_address("127.0.0.1"), tell=told.append, **options)
    thread = threading.Thread(target=server.serve, kwargs={"once": once})
    thread.start()
    try:
        yield Served(server, told)
    finally:
        if not once:
            shelf.stop.set()
        thread.join()
