"""How the bytes of a blob get into an upload: in chunks, or in one request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.registry.upload_session import Session

if TYPE_CHECKING:
    from concurrent.futures import Future

Write = Callable[[bytes], object]
Make = Callable[[Write], object]
"""Makes the bytes of a blob and writes them, in order; called again for a new start."""
Arrived = Callable[[int], object]


class Writer:
    """Takes the bytes of a blob; what is sent is sent by a thread."""

    def __init__(self, session: Session, arrived: Arrived) -> None:
        """Take a session that has nothing yet; `arrived` gets how many bytes it has."""
        self._session, self._arrived = session, arrived
        self._digest = hashlib.sha256()
        self._sending: Future[None] | None = None
        self._failure: BaseException | None = None

    def filled_by(self, make: Make) -> str:
        """Send all that is written, and return its digest."""
        try:
            make(self._write)
        except Exception:
            # Whatever `make` turns it into, this is what went wrong.
            if self._failure:
                raise self._failure from None
            raise
        if self._failure:
            raise self._failure
        self._end()
        self._wait()
        return f"sha256:{self._digest.hexdigest()}"

    def give_up(self) -> None:
        """Wait until nothing is being sent, which is not tried again."""
        self._session.give_up()
        if self._sending:
            self._sending.exception()

    def _write(self, data: bytes) -> None:
        raise NotImplementedError

    def _end(self) -> None:
        raise NotImplementedError

    def _wait(self) -> None:
        """Wait until what is being sent has arrived."""
        if self._failure:
            raise self._failure
        if self._sending:
            try:
                self._sending.result()
            except PlashError as error:
                self._failure = error
                raise
            self._arrived(self._session.done)


class InChunks(Writer):
    """Sends chunks, one while the next is being filled: each can be sent again."""

    def __init__(self, session: Session, arrived: Arrived) -> None:
        """Keep two chunks."""
        super().__init__(session, arrived)
        self._chunk, self._other = (bytearray(session.chunk) for _turn in range(2))
        self._filled = 0

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        self._digest.update(view)
        while view:
            if self._filled == len(self._chunk):
                self._send()
            part = view[: len(self._chunk) - self._filled]
            end = self._filled + len(part)
            self._chunk[self._filled : end] = part
            self._filled, view = end, view[len(part) :]

    def _end(self) -> None:
        self._session.is_small = self._sending is None
        self._send()

    def _send(self) -> None:
        self._wait()
        full = memoryview(self._chunk)[: self._filled]
        self._sending = in_a_thread(partial(self._session.send, full))
        self._chunk, self._other, self._filled = self._other, self._chunk, 0


class InOneRequest(Writer):
    """Sends all in one request, as docker does; nothing of it can be sent again."""

    def __init__(self, session: Session, arrived: Arrived) -> None:
        """Begin to send."""
        super().__init__(session, arrived)
        self._stream = session.stream()
        self._sending = in_a_thread(session.send_stream)
        self._sending.add_done_callback(lambda _done: self._stream.close())

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        try:
            self._stream.write(data)
        except PlashError:
            self._wait()
            raise
        self._arrived(self._stream.count)

    def _end(self) -> None:
        self._stream.end()


def in_a_thread(call: Callable[[], None]) -> Future[None]:
    """Call in a thread that nobody has to wait for."""
    from concurrent.futures import Future
    from threading import Thread

    found: Future[None] = Future()

    def run() -> None:
        try:
            call()
            found.set_result(None)
        except BaseException as error:
            found.set_exception(error)

    Thread(target=run, name="push", daemon=True).start()
    return found
