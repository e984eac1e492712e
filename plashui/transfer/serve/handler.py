"""One connection of a client, by HTTP/1.1."""

from __future__ import annotations

import base64
import contextlib
import hmac
import ipaddress
import re
import socket
from http.server import BaseHTTPRequestHandler

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size
from plashui.transfer.oci.manifest import OCI_MANIFEST
from plashui.transfer.serve import USER, answers
from plashui.transfer.serve.answers import Answer
from plashui.transfer.serve.part import OtherBlob, send

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from plashui.transfer.serve.server import Server
    from plashui.transfer.serve.shelf import Layer, Offer

    Headers = Mapping[str, str]

_CLIENT: Final = 60  # characters that are shown of what a client calls itself
_BLOB: Final = "application/octet-stream"


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, in a thread of its own."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 300  # seconds in which a client takes no byte

    def setup(self) -> None:
        """Prepare the connection."""
        if self.request.family != socket.AF_UNIX:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def handle_one_request(self) -> None:
        """Answer the next request."""
        self.server.waiting(self.request)
        super().handle_one_request()

    def version_string(self) -> str:
        """Return what the server calls itself."""
        return USER

    def log_message(self, *_words: object) -> None:
        """Say nothing: what is told is told by `_tell`."""

    def send_error(
        self, code: int, _message: str | None = None, _explain: str | None = None
    ) -> None:
        """Answer what is not HTTP, and end the connection."""
        self.close_connection = True
        self._send(answers.error(code, "UNSUPPORTED", "this is not understood"))

    def do_GET(self) -> None:
        """Answer a request."""
        self.server.answering(self.request)
        named = {name.lower() for name in self.headers}
        if named & {"content-length", "transfer-encoding"}:
            self.close_connection = True  # nobody reads what follows
        answer = self._refused() or self._answer()
        if answer is not None:
            self._send(answer)

    do_HEAD = do_GET  # noqa: N815 - as http.server wants it

    def do_POST(self) -> None:
        """Refuse what would change something."""
        self.close_connection = True
        text = "images are pulled from here, and not pushed to here"
        self._send(answers.error(405, "UNSUPPORTED", text, Allow="GET, HEAD"))

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST  # noqa: N815

    def _refused(self) -> Answer | None:
        """Return the answer to somebody who may not ask; None for others."""
        if self.server.token:
            if self._has_token():
                return None
            challenge = f'Basic realm="{USER}"'
            text = "a token is needed"
            return answers.error(401, "UNAUTHORIZED", text, WWW_Authenticate=challenge)
        if self.request.family == socket.AF_UNIX or _is_local(self.headers["Host"]):
            return None
        # A web page may have a name of its own that leads here.
        return answers.error(403, "DENIED", "ask by an address, such as 127.0.0.1")

    def _has_token(self) -> bool:
        kind, _space, word = (self.headers["Authorization"] or "").partition(" ")
        if kind.lower() == "basic":
            try:
                word = base64.b64decode(word).decode().partition(":")[2]
            except ValueError:
                return False
        elif kind.lower() != "bearer":
            return False
        return hmac.compare_digest(word.strip().encode(), self.server.token.encode())

    def _answer(self) -> Answer | None:
        """Return what is asked for; None if it was sent."""
        path, _mark, query = self.path.partition("?")
        asked = answers.asked(path)
        if asked is None:
            return answers.missing()
        shelf = self.server.shelf
        try:
            if asked.kind == "":
                return Answer(200, b"{}")
            if asked.kind == "catalog":
                return answers.page(path, query, "repositories", shelf.names())
            if asked.kind == "tags":
                tags = shelf.tags(asked.name)
                if not tags:
                    return answers.missing(asked.kind)
                return answers.page(path, query, "tags", tags, name=asked.name)
            if asked.kind == "manifests":
                return self._manifest(asked.name, asked.ref)
            return self._blob(asked.name, asked.ref)
        except Cancelled:
            self.close_connection = True
            return None
        except PlashError as error:
            self._tell(f"{asked.name}: {error}")
            return answers.missing(asked.kind)

    def _manifest(self, name: str, ref: str) -> Answer | None:
        offer = self.server.shelf.offer(name, ref)
        if offer is None:
            return answers.missing("manifests")
        digest = offer.digest()
        headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        self._send(Answer(200, offer.manifest, OCI_MANIFEST, headers))
        if self.command == "GET":
            self.server.pulls.began(digest, offer.blobs())
            self._tell(f"{name}:{offer.tag}: pulled by {self._client()}")
        return None

    def _blob(self, name: str, digest: str) -> Answer | None:
        offer = self.server.shelf.holding(name, digest)
        if offer is None:
            return answers.missing("blobs")
        layer = offer.layers.get(digest)
        whole = layer.numbers.size if layer else len(offer.config)
        part = answers.part(self.headers["Range"], whole)
        if part is None or self.command == "HEAD":
            first, end, status = 0, whole, 200
        else:
            (first, end), status = part, 206
        headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        headers["Accept-Ranges"] = "bytes"
        if status == 206:
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{whole}"
        if first == end and whole:
            unmet = {"Content_Range": f"bytes */{whole}"}
            return answers.error(416, "RANGE_INVALID", "it is not so long", **unmet)
        self._head(status, _BLOB, end - first, headers)
        if self.command == "HEAD":
            return None
        with self.server.pulls.sending(digest):
            if layer is None:
                self.wfile.write(offer.config[first:end])
            else:
                self._layer(name, offer, layer, (first, end))
            if end < whole:
                return None
        self.server.pulls.sent(digest)
        return None

    def _layer(
        self, name: str, offer: Offer, layer: Layer, part: tuple[int, int]
    ) -> None:
        """Send a layer; what goes wrong breaks the connection before its end."""
        what = f"{name}: layer {layer.number} of {layer.of}"
        try:
            made = send(offer, layer, part, self.wfile.write, self.server.shelf.stop)
        except OtherBlob:
            self._tell(f"{what} has another digest now; the next pull gets it")
            with contextlib.suppress(PlashError):  # no answer may follow half a blob
                self.server.shelf.recount(offer, layer)
            raise BrokenOff from None
        except Cancelled:
            raise BrokenOff from None
        except PlashError as error:
            self._tell(f"{what} cannot be sent: {error}")
            raise BrokenOff from error
        except OSError:
            self._tell(f"{what}: broken off by {self._client()}")
            raise
        if made is not None:
            self.server.shelf.left(offer, layer, made)
        self._tell(f"{what}, {size(part[1] - part[0])}: sent to {self._client()}")

    def _send(self, answer: Answer) -> None:
        self._head(answer.status, answer.kind, len(answer.body), answer.headers)
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _head(self, status: int, kind: str, length: int, headers: Headers) -> None:
        self.send_response(status)
        more = dict(headers)
        more["Docker-Distribution-API-Version"] = "registry/2.0"
        more["X-Content-Type-Options"] = "nosniff"
        more |= {"Content-Type": kind, "Content-Length": str(length)}
        if self.close_connection:
            more["Connection"] = "close"
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def _tell(self, sentence: str) -> None:
        self.server.tell(sentence)

    def _client(self) -> str:
        """Say who asks: `docker/20.10 at 127.0.0.1`."""
        agent = (self.headers["User-Agent"] or "").split()
        said = agent[0][:_CLIENT] if agent else "a client"
        return f"{said} at {self.server.place_of(self.client_address)}"


class BrokenOff(Exception):
    """An answer cannot be sent to its end; the connection is closed in the middle."""


def _is_local(host: str | None) -> bool:
    """Return whether a Host header is missing, or is an address or localhost."""
    name = re.sub(r":[0-9]*$", "", host or "localhost").strip("[]")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.lower() == "localhost"
    return True
