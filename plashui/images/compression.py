"""Compressed streams, told apart by their first bytes, not by their names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO, Final, NamedTuple, Protocol

MAGIC_BYTES: Final = 6
"""How many first bytes `opener` wants to see."""


class Readable(Protocol):
    """All that is needed of a decompressing file."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""


class Opened(NamedTuple):
    """A decompressing file, and what it raises on damaged data (beside OSError)."""

    reader: Readable
    errors: tuple[type[Exception], ...]


Opener = Callable[[IO[bytes]], Opened]


def opener(magic: bytes) -> Opener | None:
    """What reads a compressed stream that begins so; None if it is not compressed."""
    if magic.startswith(b"\x1f\x8b"):
        return _gzip
    if magic.startswith(b"\xfd7zXZ\0"):
        return _xz
    if magic.startswith(b"BZh"):
        return _bzip2
    if magic.startswith(b"\x28\xb5\x2f\xfd") or magic[1:4] == b"\x2a\x4d\x18":
        return _zstd  # a frame, or a skippable one in front of it (RFC 8878, 3.1)
    return None


def _gzip(source: IO[bytes]) -> Opened:
    """Several members after another are one stream (RFC 1952, 2.2)."""
    try:
        from isal import igzip, isal_zlib
    except ImportError:
        import gzip
        import zlib

        return Opened(gzip.GzipFile(fileobj=source), (zlib.error, EOFError))
    reader: Readable = igzip.IGzipFile(fileobj=source)  # type: ignore[no-untyped-call]
    errors = (isal_zlib.IsalError, EOFError)
    return Opened(reader, errors)  # type: ignore[arg-type]


def _xz(source: IO[bytes]) -> Opened:
    import lzma

    return Opened(lzma.LZMAFile(source), (lzma.LZMAError, EOFError))


def _bzip2(source: IO[bytes]) -> Opened:
    import bz2

    return Opened(bz2.BZ2File(source), (EOFError, ValueError))


def _zstd(source: IO[bytes]) -> Opened:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return Opened(zstd.ZstdFile(source), (zstd.ZstdError, EOFError))
