"""Files with holes: what of them has to be read, and digests of what is in them.

A file is looked at in blocks. Those that lie in holes are not read; those that hold
nothing but zeros count the same, so that a digest tells nothing of where holes are.
"""

from __future__ import annotations

import errno
import hashlib
import os

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

_BLOCK: Final = 1 << 16
_PIECE: Final = 16 * _BLOCK
_ZEROS: Final = bytes(_BLOCK)


class OpenFile:
    """An open file: its size, and the parts of it that may hold more than zeros.

    `parts` are where each begins and ends, in order; all begin and end with a block.
    """

    def __init__(
        self, descriptor: int, trouble: Callable[[OSError], Exception]
    ) -> None:
        """Take a descriptor, and what makes an error of one while it is read."""
        self._descriptor, self._trouble = descriptor, trouble
        self.size = os.fstat(descriptor).st_size
        self.parts = tuple(_parts(descriptor, self.size))

    @property
    def stored(self) -> int:
        """The bytes in all parts."""
        return sum(end - start for start, end in self.parts)

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield what is in the parts, with its place; less if it becomes shorter."""
        for start, end in self.parts:
            at = start
            while at < end:
                data = self._read(at, min(_PIECE, end - at))
                if not data:
                    return
                yield at, data
                at += len(data)

    def _read(self, at: int, count: int) -> bytes:
        found = b""
        try:
            while more := os.pread(self._descriptor, count - len(found), at):
                found += more
                at += len(more)
        except OSError as error:
            raise self._trouble(error) from error
        return found


def _parts(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    at = 0
    while at < size:
        try:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # there is a hole up to the end
                return
            start, end = at, size  # a file system that knows of no holes
        first = start // _BLOCK * _BLOCK
        at = min(size, -(-end // _BLOCK) * _BLOCK)
        if first < at:
            yield first, at


class ContentDigest:
    """The digest of a file's content, which is given piece by piece."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self._zeros: list[tuple[int, int]] = []
        self._end = 0

    def add(self, at: int, data: bytes) -> None:
        """Take what is at a place, where a block begins; all before it is zeros."""
        self._skip(at)
        view = memoryview(data)
        for start in range(0, len(data), _BLOCK):
            block = view[start : start + _BLOCK]
            if data.startswith(_ZEROS[: len(block)], start):
                self._skip(self._end + len(block))
            else:
                self._sum.update(block)
                self._end += len(block)

    def _skip(self, end: int) -> None:
        if end > self._end:
            before = self._zeros.pop() if self._zeros else (self._end, self._end)
            if before[1] < self._end:
                self._zeros.append(before)
                before = (self._end, self._end)
            self._zeros.append((before[0], end))
            self._end = end

    def text(self, size: int) -> str:
        """Return the digest of a file of this size."""
        self._skip(size)
        if not self._zeros:
            return self._sum.hexdigest()
        zeros = repr(self._zeros).encode()
        return f"with zeros {hashlib.sha256(self._sum.digest() + zeros).hexdigest()}"
