"""Compressed streams: recognized by their first bytes, written by file suffix."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import IO, Final, Protocol

    class Readable(Protocol):
        """A decompressing file."""

        def read(self, size: int = -1, /) -> bytes:
            """Return at most `size` bytes; none at the end."""

    class Decompressor(Protocol):
        """What decompresses one stream, as in the modules lzma and zstd."""

        @property
        def eof(self) -> bool:
            """Whether the stream has ended."""

        @property
        def needs_input(self) -> bool:
            """Whether it has given all that it can."""

        @property
        def unused_data(self) -> bytes:
            """What came behind the end of the stream."""

        def decompress(self, data: bytes, max_length: int = -1) -> bytes:
            """Return the next bytes."""

    class Writable(Protocol):
        """A compressing file."""

        def write(self, data: bytes, /) -> object:
            """Compress data."""

        def close(self) -> None:
            """Write the rest; leave the target open."""

    Opener = Callable[[IO[bytes]], "Opened"]

MAGIC_BYTES: Final = 6
"""The number of first bytes that `opener` needs."""


MOST_MEMORY: Final = 512 << 20
"""The most bytes of memory for decompressing xz, since a file may ask for any amount.

The zstd library has its own limit; the others need little."""
_PIECE: Final = 1 << 16


class Opened(NamedTuple):
    """A decompressing file, and its errors for damaged data beside OSError."""

    reader: Readable
    errors: tuple[type[Exception], ...]


def pieces(opened: Opened, most: int) -> Iterator[bytes]:
    """Yield all that is in a compressed archive, at most `most` bytes at once.

    Raises PlashError if it is damaged.
    """
    failures: tuple[type[Exception], ...] = (OSError, *opened.errors)
    while True:
        try:
            data = opened.reader.read(most)
        except failures as error:
            raise PlashError(f"the archive is damaged: {error}") from error
        if not data:
            return
        yield data


def opener(magic: bytes) -> Opener | None:
    """Return the opener for a stream with these first bytes; None if uncompressed."""
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
    """Open a gzip stream of one or more members (RFC 1952, 2.2)."""
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

    # Zeros between streams are padding (xz file format, 2.2). LZMAFile has no limit.
    new = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=MOST_MEMORY)
    return Opened(_Streams(source, new, padding=b"\0"), (lzma.LZMAError, EOFError))


class _Streams:
    """Reads what was compressed in one stream or in several, one behind the other."""

    def __init__(
        self, source: IO[bytes], new: Callable[[], Decompressor], padding: bytes = b""
    ) -> None:
        self._source, self._new, self._padding = source, new, padding
        self._stream = new()

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        while True:
            if self._stream.eof:
                begin = self._stream.unused_data.lstrip(self._padding)
                while not begin:
                    more = self._source.read(_PIECE)
                    if not more:
                        return b""
                    begin = more.lstrip(self._padding)
                self._stream = self._new()
            else:
                begin = self._source.read(_PIECE) if self._stream.needs_input else b""
                if self._stream.needs_input and not begin:
                    raise EOFError("it is cut off")
            data = self._stream.decompress(begin, size)
            if data:
                return data


def _bzip2(source: IO[bytes]) -> Opened:
    import bz2

    return Opened(bz2.BZ2File(source), (EOFError, ValueError))


def _zstd(source: IO[bytes]) -> Opened:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    # ZstdFile would copy all of it once more.
    return Opened(_Streams(source, zstd.ZstdDecompressor), (zstd.ZstdError, EOFError))


def packer(name: str) -> Callable[[IO[bytes]], Writable]:
    """Return the function that opens a file of this name for compressed writing.

    The suffix chooses the compression. The output is reproducible: it holds no times
    or names. Raises PlashError for the suffix of an unsupported compression.
    """
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix in _UNKNOWN:
        raise PlashError(
            f"cannot compress as .{suffix}",
            "Choose .tar, .tar.gz, .tar.xz, .tar.zst or .tar.bz2",
        )
    return _PACKERS.get(suffix, _Plain)


class _Plain:
    def __init__(self, target: IO[bytes]) -> None:
        self._target = target

    def write(self, data: bytes, /) -> None:
        self._target.write(data)

    def close(self) -> None:
        pass


_BLOCK: Final = 1 << 17


class _Steady:
    """Writes blocks of one size: isal's output depends on the pieces that it gets."""

    def __init__(self, target: Writable) -> None:
        self._target = target
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> None:
        self._waiting += data
        end = len(self._waiting) // _BLOCK * _BLOCK
        for at in range(0, end, _BLOCK):
            self._target.write(bytes(self._waiting[at : at + _BLOCK]))
        del self._waiting[:end]

    def close(self) -> None:
        self._target.write(bytes(self._waiting))
        self._target.close()


def _to_gzip(target: IO[bytes]) -> Writable:
    try:
        from isal import igzip
    except ImportError:
        import gzip

        return gzip.GzipFile("", "wb", 6, target, mtime=0)
    # Twice as fast as isal's best, 3, and its output 2 % bigger; 4 % than gzip's 6.
    made: Writable = igzip.IGzipFile("", "wb", 2, target, mtime=0)  # type: ignore[no-untyped-call]
    return _Steady(made)


def _to_xz(target: IO[bytes]) -> Writable:
    import lzma

    return lzma.LZMAFile(target, "wb")


def _to_bzip2(target: IO[bytes]) -> Writable:
    import bz2

    return bz2.BZ2File(target, "wb")


def _to_zstd(target: IO[bytes]) -> Writable:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdFile(target, "wb")


_PACKERS: Final[dict[str, Callable[[IO[bytes]], Writable]]] = {
    **dict.fromkeys(("gz", "tgz"), _to_gzip),
    **dict.fromkeys(("xz", "txz"), _to_xz),
    **dict.fromkeys(("bz2", "tbz2", "tbz"), _to_bzip2),
    **dict.fromkeys(("zst", "tzst", "zstd"), _to_zstd),
}
_UNKNOWN: Final = frozenset(
    {"z", "lz", "lz4", "lzma", "lzo", "br", "7z", "zip", "rar", "taz", "tlz"}
)
