"""What a request carries: bytes that are known, or a stream of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from threading import Condition

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.transfer.registry.errors import UploadLost

if TYPE_CHECKING:
    from typing import Final

_PIECE: Final = 1 << 16  # bytes that a server must take within a time limit
_KEPT: Final = 16  # pieces of a stream that wait to be sent


class Body:
    """Bytes, gone through once for each time that they are sent.

    They go in pieces, each with a time limit of its own, and no further after a cancel.
    """

    def __init__(self, data: bytes | memoryview, cancel: Cancel) -> None:
        """Take the bytes, which are not copied."""
        self._data, self._cancel = memoryview(data), cancel
        self.size: int | None = len(self._data)

    def __iter__(self) -> Iterator[memoryview]:
        """Yield the bytes in pieces."""
        for piece in _pieces(self._data):
            self._cancel.check()
            yield piece


class Stream(Body):
    """Bytes that are sent while they are written, once. `count` have been written."""

    def __init__(self, cancel: Cancel) -> None:
        """Wait for bytes."""
        super().__init__(b"", cancel)
        self.size = None
        self.count = 0
        self._waiting: deque[memoryview] = deque()
        self._changed = Condition()
        self._begun = self._ended = self._closed = False
        cancel.on_cancel(self.close)

    def write(self, data: bytes) -> None:
        """Add bytes; wait until there is room, or raise if nobody takes them."""
        for piece in _pieces(memoryview(bytes(data))):
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closed or len(self._waiting) < _KEPT
                )
                if self._closed:
                    self._cancel.check()
                    raise UploadLost("the registry has answered before it had all")
                self._waiting.append(piece)
                self.count += len(piece)
                self._changed.notify_all()

    def end(self) -> None:
        """Say that all has been written."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Take and give nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._cancel.forget(self.close)

    def __iter__(self) -> Iterator[memoryview]:
        """Yield the bytes as they are written."""
        if self._begun:
            raise UploadLost("the registry wants to have the same bytes once more")
        self._begun = True
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closed or self._ended or self._waiting
                )
                if self._closed:
                    self._cancel.check()
                    raise UploadLost("the upload was given up")
                if not self._waiting:
                    return
                piece = self._waiting.popleft()
                self._changed.notify_all()
            yield piece


def _pieces(data: memoryview) -> Iterator[memoryview]:
    return (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
