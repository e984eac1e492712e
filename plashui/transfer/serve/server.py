"""Listening for clients, each of which is answered in a thread of its own."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import socket
import stat
import sys
import threading
import time
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import urlsplit

from plashui.base import log
from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper import process
from plashui.transfer.serve.handler import BrokenOff, Handler
from plashui.transfer.serve.pulls import Pulls

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from plashui.transfer.serve.shelf import Shelf

MOST: Final = 64
"""The connections that are open at once; others wait."""
_PATIENCE: Final = 30.0  # seconds in which a client has to ask for something
_LONGEST: Final = 107  # bytes of a socket's path, as the kernel has it
_TICK: Final = 0.2  # seconds between looks at the connections


class Listening(NamedTuple):
    """Where a server listens: a family and an address of it, as the kernel takes them.

    `private`: only programs of this machine reach it.
    """

    family: socket.AddressFamily
    address: Any
    private: bool


class Server(ThreadingMixIn, TCPServer):
    """A server of the images of a shelf.

    A `token` is what clients have to know, "" for nothing. `tell` gets a line for each
    image, layer and client. `seconds` are those a client has to ask for something.
    """

    allow_reuse_address = True
    request_queue_size = 128
    timeout = _TICK

    def __init__(
        self,
        shelf: Shelf,
        where: Listening,
        *,
        token: str = "",
        tell: Callable[[str], object] = lambda _line: None,
        seconds: float = _PATIENCE,
    ) -> None:
        """Listen; raise PlashError if that is not possible."""
        self.shelf, self.token, self.tell = shelf, token, tell
        self.pulls = Pulls()
        self._seconds = seconds
        self._lock = threading.Lock()
        self._open: dict[socket.socket, float | None] = {}
        self._file: tuple[int, int] | None = None
        self.address_family = where.family
        process.wait_for_children()  # while this is the main thread
        try:
            super().__init__(where.address, Handler)
        except OSError as error:
            raise _cannot(where, error.strerror or str(error)) from error

    def server_bind(self) -> None:
        """Take the address; a socket in the file system is for its owner only."""
        if self.address_family != socket.AF_UNIX:
            super().server_bind()
            return
        path = self.server_address
        _remove_dead_socket(str(path))
        before = os.umask(0o177)
        try:
            self.socket.bind(path)
        finally:
            os.umask(before)
        about = os.stat(str(path))
        self._file = about.st_dev, about.st_ino

    def address(self) -> str:
        """Return where it listens: HOST:PORT, or the path of the socket."""
        if self.address_family == socket.AF_UNIX:
            return str(self.server_address)
        host, port = self.socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def serve(self, *, once: bool = False) -> None:
        """Answer until the shelf's `stop` is set, or somebody interrupts.

        With `once`, until one image was pulled whole.
        """
        stop = self.shelf.stop
        try:
            while not (stop.is_set() or (once and self.pulls.whole())):
                if len(self._open) < MOST:
                    self.handle_request()
                else:
                    time.sleep(_TICK)
                self._tend()
        except BaseException:
            stop.set()
            raise
        finally:
            self._forget_file()
            self._shut(socket.SHUT_RDWR if stop.is_set() else socket.SHUT_RD)
            self.server_close()  # waits for the threads

    def waiting(self, connection: socket.socket) -> None:
        """Note that a connection waits for the client to ask for something."""
        with self._lock:
            self._open[connection] = time.monotonic()

    def answering(self, connection: socket.socket) -> None:
        """Note that a connection's client waits for us."""
        with self._lock:
            self._open[connection] = None

    def place_of(self, address: Any) -> str:
        """Return where a client is."""
        return str(address[0]) if address else self.address()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the thread of a connection."""
        self.waiting(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Tell of a fault of ours; what a connection broke by was told already."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, (OSError, BrokenOff)):
            log.note(error)
            self.tell(log.sentence(error))

    def _tend(self) -> None:
        """Close the connections whose clients ask for nothing."""
        late = time.monotonic() - self._seconds
        with self._lock:
            idle = [one for one, since in self._open.items() if since and since < late]
        for one in idle:
            _shut(one, socket.SHUT_RDWR)

    def _shut(self, how: int) -> None:
        with self._lock:
            connections = list(self._open)
        for one in connections:
            _shut(one, how)

    def _forget_file(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                about = os.stat(self.address())
                if self._file == (about.st_dev, about.st_ino):
                    os.unlink(self.address())  # noqa: PTH108


def at_address(word: str) -> Listening:
    """Read HOST:PORT, HOST for a free port, or PORT for this machine only."""
    if re.fullmatch(r":?[0-9]+", word):
        word = f"127.0.0.1:{word.removeprefix(':')}"
    try:
        parts = urlsplit(f"//{word}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.netloc != word or "@" in word:
        raise PlashError(
            f"{word!r} is not an address to listen at", "For example 127.0.0.1:5000"
        )
    try:
        found = socket.getaddrinfo(
            host, port or 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise PlashError(f"cannot listen at {word}: {error.strerror}") from error
    family, _type, _protocol, _name, address = found[0]
    private = ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
    return Listening(family, address, private)


def at_path(path: str) -> Listening:
    """Return a socket in the file system."""
    where = Listening(socket.AF_UNIX, path, private=True)
    if len(os.fsencode(path)) > _LONGEST:
        raise _cannot(where, f"the path of a socket has at most {_LONGEST} bytes")
    return where


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)


def _remove_dead_socket(path: str) -> None:
    """Remove a socket that a killed server left: nobody listens there."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return
    except OSError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)  # noqa: PTH108


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(how)


def _cannot(where: Listening, why: str) -> PlashError:
    unix = where.family == socket.AF_UNIX
    place = where.address if unix else f"{where.address[0]}:{where.address[1]}"
    return PlashError(f"cannot listen at {place}: {why}")
