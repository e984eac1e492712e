"""What was pulled, to know when an image was pulled whole."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Final

QUIET: Final = 10.0
"""Seconds without a request after which whoever pulled had the other layers already."""


class Pulls:
    """The images and blobs that clients have got. Threads share it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._images: dict[str, set[str]] = {}
        self._sent: set[str] = set()
        self._under_way: list[str] = []
        self._broken: set[str] = set()
        self._last = now()

    def began(self, manifest: str, blobs: set[str]) -> None:
        """Note that somebody got a manifest, with the digests of all its blobs."""
        with self._lock:
            self._images[manifest] = blobs
            self._last = self._now()

    @contextlib.contextmanager
    def sending(self, blob: str) -> Iterator[None]:
        """Note that a blob is sent during the block."""
        with self._lock:
            self._under_way.append(blob)
            self._broken.add(blob)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.remove(blob)
                self._last = self._now()

    def sent(self, blob: str) -> None:
        """Note that a blob was sent to its end."""
        with self._lock:
            self._sent.add(blob)
            self._broken.discard(blob)

    def sent_of(self, blobs: Collection[str]) -> list[str]:
        """Return those of some blobs that were sent to their end."""
        with self._lock:
            return [blob for blob in blobs if blob in self._sent]

    def whole(self) -> bool:
        """Return whether an image was pulled whole.

        All its blobs were sent; or all that were asked for, and nobody asks for more.
        """
        with self._lock:
            if any(blobs <= self._sent for blobs in self._images.values()):
                return True
            quiet = self._now() - self._last > QUIET and not self._under_way
            return bool(self._images) and quiet and not self._broken
