"""A small web server on 127.0.0.1 that can be as bad as real ones are."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OLD = "Mon, 01 Jan 2024 00:00:00 GMT"


@dataclass
class Site:
    """What the server gives, and how badly; `asked` is what it was asked.

    `cuts` are the bytes after which one answer each ends in the middle, `statuses` are
    given once each before a real answer. `hold`: an answer waits in the middle; `mute`:
    it waits before it begins. `wrong_ranges`: an answer is not what it was
    asked for. `claims`: the length it says it has.
    """

    content: bytes = b""
    etag: str = '"one"'
    changed: str = OLD
    kind: str = "application/octet-stream"
    ranges: bool = True
    if_range: bool = True
    wrong_ranges: bool = False
    length: bool = True
    claims: int | None = None
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    login: str = ""
    hold: threading.Event | None = None
    mute: threading.Event | None = None
    asked: list[Message] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    port: int = 0
    secure: ssl.SSLContext | None = None

    def url(self, path: str = "root.tar") -> str:
        """Where it is."""
        return f"http{'s' if self.secure else ''}://127.0.0.1:{self.port}/{path}"

    def file_at(self, _path: str) -> bytes | None:
        """What is at a path, the same at any; None if nothing is."""
        return self.content

    def ranges_asked(self) -> list[str | None]:
        """The Range header of each request."""
        return [headers["Range"] for headers in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Answer as to GET, without a content."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer as the site is set up."""
        site = self.server.site
        site.asked.append(self.headers)
        site.paths.append(self.path)
        site.methods.append(self.command)
        self.close_connection = True
        if site.mute is not None:
            site.mute.wait(60)
        if self.path in site.redirects:
            self._head(302, {"Location": site.redirects[self.path]}, 0)
        elif site.statuses:
            self._head(site.statuses.pop(0), {}, 0)
        elif site.login and self.headers["Authorization"] != site.login:
            self._head(401, {}, 0)
        elif (content := site.file_at(self.path)) is None:
            self._head(404, {}, 0)
        else:
            self._file(site, content)

    def _file(self, site: Site, content: bytes) -> None:
        start = self._start(site)
        facts = {"Content-Type": site.kind, "Last-Modified": site.changed}
        facts["ETag"] = site.etag
        facts = {key: value for key, value in facts.items() if value}
        size = len(content)
        if start is not None and start >= size:
            self._head(416, {"Content-Range": f"bytes */{size}"}, 0)
            return
        if start is not None:
            first = start // 2 if site.wrong_ranges else start
            facts["Content-Range"] = f"bytes {first}-{size - 1}/{size}"
        body = memoryview(content)[start or 0 :]
        self._head(206 if start is not None else 200, facts, len(body))
        if self.command == "HEAD":
            return
        sent = site.cuts.pop(0) if site.cuts else len(body)
        try:
            if site.hold is not None:
                self.wfile.write(body[: sent // 2])
                self.wfile.flush()
                site.hold.wait(60)
                body, sent = body[sent // 2 :], sent - sent // 2
            self.wfile.write(body[:sent])
        except OSError:
            pass  # the client has gone

    def _start(self, site: Site) -> int | None:
        """The first byte of the range to give; None for all."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if not (site.ranges and found):
            return None
        wanted = self.headers["If-Range"]
        if site.if_range and wanted not in (None, site.etag or site.changed):
            return None
        return int(found[1])

    def _head(self, status: int, facts: dict[str, str], length: int) -> None:
        self.send_response(status)
        for key, value in facts.items():
            self.send_header(key, value)
        if self.server.site.length:
            claims = self.server.site.claims
            self.send_header("Content-Length", str(claims or length))
        self.send_header("Connection", "close")
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site

    def handle_error(self, *_words: Any) -> None:
        """Say nothing: a client that goes away is one of the tests."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site, on a port of its own, until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site = site
        site.port = server.server_address[1]
        if site.secure:
            server.socket = site.secure.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            if site.hold is not None:
                site.hold.set()
            server.shutdown()
            thread.join()
