"""A registry of our own on 127.0.0.1, which answers what a test wants it to."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Question(NamedTuple):
    """A request."""

    method: str
    path: str
    headers: Message
    body: bytes


class Answer(NamedTuple):
    """What is answered; the body's length is told unless the headers tell another.

    A body in pieces is sent chunked. `hold`: wait for this after the body, before the
    connection is closed.
    """

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = {}
    hold: threading.Event | None = None


Answering = Callable[[Question], Answer]


@dataclass
class Fake:
    """The answers by path, with or without the query; `asked` is what it was asked.

    Of a list of answers each is given once, the last one for ever. `cuts`: how many
    bytes of each of the next bodies of a method are taken until the connection breaks,
    without an answer; None: all, with an answer.
    """

    answers: dict[str, Answer | Answering | list[Answer]] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    port: int = 0
    secure: ssl.SSLContext | None = None
    cuts: dict[str, list[int | None]] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Its name in references."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """A URL of it."""
        return f"http{'s' if self.secure else ''}://{self.host}{path}"

    def of(self, path: str) -> list[Question]:
        """The questions for a path."""
        return [one for one in self.asked if one.path.partition("?")[0] == path]

    def answer(self, question: Question) -> Answer:
        """The answer to a question."""
        self.asked.append(question)
        bare = question.path.partition("?")[0]
        found = self.answers.get(question.path, self.answers.get(bare, Answer(404)))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found if isinstance(found, Answer) else found(question)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the fake is set up."""
        length = int(self.headers["Content-Length"] or 0)
        path = self.path.removeprefix("http://registry.invalid")  # asked as a proxy
        cuts = self.server.fake.cuts.get(self.command)
        cut = cuts.pop(0) if cuts else None
        if self.headers["Transfer-Encoding"] == "chunked":
            sent = self._chunks(cut)
        else:
            sent = self.rfile.read(length if cut is None else min(cut, length))
        question = Question(self.command, path, self.headers, sent)
        answer = self.server.fake.answer(question)
        if cut is not None:
            self.close_connection = True
            return
        try:
            self._send(answer)
        except OSError:
            self.close_connection = True  # the client has gone

    def _chunks(self, most: int | None) -> bytes:
        """The body that comes chunked, or its first bytes."""
        found = b""
        while most is None or len(found) < most:
            size = int(self.rfile.readline(), 16)
            found += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                break
        return found[:most]

    do_POST = do_HEAD = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = dict(answer.headers)
        whole = isinstance(answer.body, bytes)
        if not whole:
            headers["Transfer-Encoding"] = "chunked"
        elif "Content-Length" not in headers:
            headers["Content-Length"] = str(len(answer.body))  # type: ignore[arg-type]
        elif headers["Content-Length"] != str(len(answer.body)):  # type: ignore[arg-type]
            self.close_connection = True
        for key, value in headers.items():
            if value:
                self.send_header(key, value)
        self.end_headers()
        if isinstance(answer.body, bytes):
            self.wfile.write(answer.body)
        else:
            for piece in answer.body:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()
        if answer.hold is not None:
            answer.hold.wait(60)
            self.close_connection = True
        elif not whole:
            self.wfile.write(b"0\r\n\r\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: Fake

    def handle_error(self, *_words: Any) -> None:
        """Say nothing: a client that goes away is one of the tests."""


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """The fake, on a port of its own, until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.fake = fake
        fake.port = server.server_address[1]
        if fake.secure:
            server.socket = fake.secure.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
