"""A blob on its way from a registry: its bytes in order, and never more than its size.

Its digest is for the reader to check.
"""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.transfer.registry.errors import CutOff
from plashui.transfer.web.connections import netloc
from plashui.transfer.web.requests import content_range, number, why

if TYPE_CHECKING:
    from typing import Final, Self

    from urllib3 import BaseHTTPResponse

_PIECE: Final = 1 << 18


class Blob:
    """The bytes of a blob from an offset; `source` is the server that sends them."""

    def __init__(
        self,
        response: BaseHTTPResponse,
        name: str,
        size: int,
        start: int,
        cancel: Cancel,
    ) -> None:
        """Check what the answer says of itself; raise PlashError if it lies."""
        self._response, self._name, self._cancel = response, name, cancel
        self._size, self._at = size, start
        self.source = netloc(urlsplit(response.url or ""))
        self.opened = contextlib.ExitStack()
        """What is closed with the blob."""
        self._check(start)
        if response.status == 200:
            self._pass(start)

    def __enter__(self) -> Self:
        """Return the blob."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the blob."""
        self.close()

    def close(self) -> None:
        """Hang up, unless all was read; then the connection can be used again."""
        from urllib3.exceptions import HTTPError

        with contextlib.suppress(HTTPError, OSError, ValueError):
            if self._at == self._size and self._sized:
                self._response.read1(1, decode_content=False)  # sees the end
            else:
                self._response.close()
        self.opened.close()

    def read(self, most: int = _PIECE) -> bytes:
        """Return up to `most` bytes, b"" at the end.

        Raises CutOff if it ends too early, PlashError if it does not end.
        """
        from urllib3.exceptions import HTTPError

        left = self._size - self._at
        try:
            # One byte more than is left, to see that nothing follows.
            data = self._response.read1(min(most, left) or 1, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:
            self._cancel.check()
            raise self._cut(why(error)[0]) from error
        self._at += len(data)
        if self._at > self._size:
            raise PlashError(
                f"{self.source} sends more than the {self._size:,} bytes"
                f" of {self._name}"
            )
        if not data and left:
            self._cancel.check()
            raise self._cut(f"it ended after {self._at:,} of {self._size:,} bytes")
        return data

    def _cut(self, reason: str) -> CutOff:
        return CutOff(f"the download of {self._name} was cut off: {reason}")

    def _check(self, start: int) -> None:
        response, headers = self._response, self._response.headers
        if headers.get("Content-Type", "").lower().startswith("text/html"):
            raise PlashError(f"{self.source} sends a web page in place of {self._name}")
        whole = response.status == 200
        first, total = content_range(headers.get("Content-Range"))
        if not whole and (first != start or total not in (None, self._size)):
            raise PlashError(f"{self.source} sends another part of {self._name}")
        length = number(headers.get("Content-Length"))
        self._sized = length is not None
        wanted = self._size if whole else self._size - start
        if length not in (None, wanted):
            raise PlashError(
                f"{self.source} has {length:,} bytes as {self._name},"
                f" which should have {wanted:,}"
            )

    def _pass(self, start: int) -> None:
        """Pass over the first bytes: the server does not send parts."""
        self._at = 0
        while self._at < start:
            self.read(min(_PIECE, start - self._at))
