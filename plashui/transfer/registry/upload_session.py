"""One blob on its way into a registry, gone on with after a cut or a lost answer."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.registry.body import Body, Stream
from plashui.transfer.registry.endpoint import Endpoint, Request
from plashui.transfer.registry.errors import Unreachable, UploadLost
from plashui.transfer.registry.exchange import LONGEST_PAUSE, Exchange
from plashui.transfer.registry.refusal import push_refusal
from plashui.transfer.web import connections
from plashui.transfer.web.requests import WAITS, number, retry_after

if TYPE_CHECKING:
    from typing import Final

    from urllib3 import BaseHTTPResponse

CHUNK: Final = 4 << 20
"""Bytes of a request: the most that ghcr.io takes, unless a registry wants more."""

_MOST_CHUNK: Final = 32 << 20  # bytes that a registry can want as the least
_LEAST_PIECE: Final = 64 << 10  # bytes that are still sent if it refuses more at once
_RECEIVED: Final = (201, 202, 204)  # 202 by the specification
_BYTES: Final = {"Content-Type": "application/octet-stream"}


class Session:
    """An upload that a registry has opened; it has the first `done` bytes of a blob.

    A blob that `is_small` comes in one piece. Raises UploadLost where only a new upload
    helps.
    """

    def __init__(self, at: Endpoint, scope: str, what: str) -> None:
        """Open it; `what` is said in errors."""
        self._at, self._scope, self._what = at, scope, what
        self.done = 0
        self.chunk = CHUNK
        self.is_small = False
        self._given_up = False
        self._stream: Stream | None = None
        self._place = at.url("blobs/uploads/")
        self._most = _MOST_CHUNK
        self._sent = self._acknowledged = 0
        self._believes = True
        with at.ask(Request("POST", self._place), scope) as response:
            if response.status != 202:
                raise push_refusal(at, response, what)
            if not at.location(response):
                raise PlashError(
                    f"cannot push {what}: {at.host} does not say where to upload it"
                )
            self._go_on(response)
            least = number(response.headers.get("OCI-Chunk-Min-Length")) or 0
            self.chunk = max(CHUNK, min(least, _MOST_CHUNK))

    def send(self, data: bytes | memoryview) -> None:
        """Send the next bytes, as often as it takes until the registry has them."""
        start, end = self.done, self.done + len(data)
        tries, sure = Tries(self._at.exchange), True
        while self.done < end:
            before = self.done
            try:
                if sure:
                    self._patch(memoryview(data)[before - start :][: self._most])
                else:
                    self._look(start)
                sure = True
            except _Failed as failure:
                if self._given_up:
                    raise failure.error from failure
                tries.failed(failure)
                sure = False
            if self.done > before:
                tries = Tries(self._at.exchange)

    def stream(self) -> Stream:
        """Return what takes the bytes that `send_stream` sends."""
        self._stream = Stream(self._at.exchange.cancel)
        return self._stream

    def send_stream(self) -> None:
        """Send all bytes in one request, which cannot be sent again."""
        try:
            with self._asked("PATCH", self._place, self._stream) as response:
                if response.status not in _RECEIVED:
                    raise self._refusal(response)
                self._go_on(response)
                self.done = self._stream.count if self._stream else 0
        except _Failed as failure:
            if failure.pause > LONGEST_PAUSE:
                raise failure.error from failure
            self._at.exchange.wait(failure.pause)
            raise _as_lost(failure.error) from failure

    def give_up(self) -> None:
        """Try nothing again."""
        self._given_up = True
        if self._stream:
            self._stream.close()

    def finish(self, digest: str, is_there: Callable[[], bool]) -> None:
        """Say the digest; `is_there` asks for the blob if the answer is lost."""
        tries = Tries(self._at.exchange)
        url = f"{self._place}{'&' if '?' in self._place else '?'}digest={digest}"
        lost: UploadLost | None = None
        while True:
            try:
                with self._asked("PUT", url, self._body(b"")) as response:
                    if response.status == 201:
                        return
                    error = self._refusal(response)
                    if not isinstance(error, UploadLost):
                        raise error
                    lost = error
            except _Failed as failure:
                tries.failed(failure)
            if is_there():
                return
            if lost:
                raise lost

    def drop(self) -> None:
        """Let the registry forget it, if that can be had at once."""
        asking = self._asked("DELETE", self._place)
        with contextlib.suppress(PlashError, _Failed), asking:
            pass

    def _patch(self, piece: memoryview) -> None:
        start, end = self.done, self.done + len(piece)
        self._sent = max(self._sent, end)
        # What is small goes as docker sends it, which each registry takes.
        span = "" if self.is_small and not start else f"{start}-{end - 1}"
        asking = self._asked("PATCH", self._place, self._body(piece), span)
        with asking as response:
            if response.status in _RECEIVED:
                self._received(response, start, end)
            elif response.status == 413 and len(piece) > _LEAST_PIECE:
                self._most = max(_LEAST_PIECE, len(piece) // 2)
            elif response.status == 416 and self._acknowledged > start:
                self.done, self._believes = self._acknowledged, False
            else:
                error = self._refusal(response)
                raise _Failed(error) if response.status == 416 else error

    def _received(self, response: BaseHTTPResponse, start: int, end: int) -> None:
        """Note how much of a piece has arrived.

        ECR takes further pieces without counting them: what it then does not want a
        second time has arrived.
        """
        self._go_on(response)
        reached = _reached(response)
        if reached is None or not self._believes:
            reached = end
        if reached > end:
            raise self._astray(reached)
        self._acknowledged = end
        if reached <= start:
            raise _Failed(self._astray(reached))
        self.done = reached

    def _look(self, start: int) -> None:
        """Ask how far it is; what comes before `start` cannot be sent again."""
        with self._asked("GET", self._place) as response:
            if response.status not in (200, 204):
                error = push_refusal(self._at, response, self._what)
                if response.status in (401, 403):
                    raise error
                raise _as_lost(error)
            self._go_on(response)
            reached = _reached(response)
            if reached is None:
                raise self._astray(0)
            if reached == 1 and start == 0:
                reached = 0  # docker's registry says 0-0 for nothing, too
            if not start <= reached <= self._sent:
                raise self._astray(reached)
            self.done = reached

    def _astray(self, reached: int) -> UploadLost:
        return UploadLost(
            f"cannot push {self._what}: {self._at.host} says that it has"
            f" {reached:,} bytes after {self._sent:,} were sent"
        )

    def _refusal(self, response: BaseHTTPResponse) -> PlashError:
        """Return the error for a refusal; UploadLost if it may be of the chunks."""
        error = push_refusal(self._at, response, self._what)
        chunks = not (self._stream or self.is_small)
        if response.status in (404, 410) or (
            chunks and response.status not in (401, 403, 413)
        ):
            return _as_lost(error)
        return error

    def _body(self, data: bytes | memoryview) -> Body:
        return Body(data, self._at.exchange.cancel)

    def _go_on(self, response: BaseHTTPResponse) -> None:
        self._place = self._at.location(response) or self._place

    @contextlib.contextmanager
    def _asked(
        self,
        method: str,
        url: str,
        body: Body | None = None,
        span: str = "",
    ) -> Iterator[BaseHTTPResponse]:
        """Yield the answer; raise _Failed if another try may help."""
        headers = {
            **(_BYTES if body else {}),
            **({"Content-Range": span} if span else {}),
        }
        request = Request(method, url, headers, body, patient=False)
        with contextlib.ExitStack() as stack:
            try:
                response = stack.enter_context(self._at.ask(request, self._scope))
            except Unreachable as broken:
                raise _Failed(broken) from broken
            busy = response.status == 429 or response.status >= 500
            if busy and response.status != 501:
                error = push_refusal(self._at, response, self._what)
                raise _Failed(error, retry_after(response.headers))
            yield response


class _Failed(Exception):
    """What went wrong, and the seconds until the next try that the server wants."""

    def __init__(self, error: PlashError, pause: float = 0) -> None:
        super().__init__(error)
        self.error, self.pause = error, pause


class Tries:
    """Pauses between tries without progress, whose number and time are limited."""

    def __init__(self, exchange: Exchange) -> None:
        """Begin."""
        self._wait, self._waits = exchange.wait, list(WAITS)
        self._end = time.monotonic() + 4 * connections.SILENCE

    def failed(self, failure: _Failed) -> None:
        """Wait for the next try; raise the error if there is none."""
        late = time.monotonic() > self._end or failure.pause > LONGEST_PAUSE
        if late or not self._waits:
            raise failure.error
        self._wait(max(self._waits.pop(0), failure.pause))


def _as_lost(error: PlashError) -> UploadLost:
    if isinstance(error, UploadLost):
        return error
    return UploadLost(str(error.args[0]), error.remedy)


def _reached(response: BaseHTTPResponse) -> int | None:
    """Return how many bytes have arrived, by the header Range (`0-5`)."""
    found = re.fullmatch(
        r"(?:bytes=)?0-(-1|\d{1,18})", response.headers.get("Range", "")
    )
    return int(found[1]) + 1 if found else None
