"""What the blocks of a squashfs are compressed by."""

from __future__ import annotations

import contextlib
import struct
import sys
import threading
import zlib
from collections.abc import Callable, Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.helper.process import conversation

if TYPE_CHECKING:
    from typing import Final

    Compress = Callable[[bytes], bytes]
    Decompress = Callable[[bytes, int], bytes]

NUMBERS: Final = {"gzip": 1, "xz": 4, "lz4": 5, "zstd": 6, "none": 1}
"""The number that stands for each in a squashfs. All readers know 1."""

_ZSTD_LEVEL: Final = 3
"""6 makes files 4 % smaller, and takes twice as long."""
_GZIP_LEVEL: Final = 6
_MOST_MEMORY: Final = 64 << 20
_DAMAGED: Final = "the lz4 data is damaged"


SETTINGS: Final = {"lz4": struct.pack("<II", 1, 0)}
"""What a squashfs must say of how it was compressed: here the format, and no flags."""


@contextlib.contextmanager
def compressing(name: str, block: int) -> Iterator[Compress]:
    """Give the block a function that compresses a block; threads may share it.

    What comes back may be longer: the block then goes out as it is.
    """
    if name == "lz4":
        with conversation(["engine:lz4"]) as ask:
            yield lambda data: ask(data) or data
    else:
        yield _compressor(name, block)


def _compressor(name: str, block: int) -> Compress:
    if name == "zstd":
        return _zstd()
    if name == "xz":
        return _xz(block)
    if name == "gzip":
        return lambda data: zlib.compress(data, _GZIP_LEVEL)
    return lambda data: data


def _zstd() -> Compress:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    end = zstd.ZstdCompressor.FLUSH_FRAME
    own = threading.local()  # to make one takes as long as a small block

    def compress(data: bytes) -> bytes:
        try:
            made = own.made
        except AttributeError:
            made = own.made = zstd.ZstdCompressor(level=_ZSTD_LEVEL)
        packed: bytes = made.compress(data, end)
        return packed

    return compress


def _xz(block: int) -> Compress:
    import lzma

    # A reader has memory for no larger dictionary than a block.
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": max(block, 8192)}]
    return lambda data: lzma.compress(
        data, lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, filters=filters
    )


def decompressor(name: str) -> Decompress:
    """Return the function that unpacks a block into at most so many bytes, or fails."""
    if name == "zstd":
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        return lambda data, most: zstd.ZstdDecompressor().decompress(data, most + 1)
    if name == "xz":
        import lzma

        def unxz(data: bytes, most: int) -> bytes:
            return lzma.LZMADecompressor(memlimit=_MOST_MEMORY).decompress(
                data, most + 1
            )

        return unxz
    if name == "lz4":
        return unlz4
    return lambda data, most: zlib.decompressobj().decompress(data, most + 1)


def unlz4(data: bytes, most: int) -> bytes:
    """Unpack a block of lz4: literals and copies of what came before, in turns."""
    out = bytearray()
    at, end = 0, len(data)
    while at < end:
        token = data[at]
        at += 1
        count = token >> 4
        if count == 15:
            while (more := data[at]) == 255:
                count, at = count + 255, at + 1
            count, at = count + more, at + 1
        out += data[at : at + count]
        if at + count > end or len(out) > most:
            raise ValueError(_DAMAGED)
        at += count
        if at == end:
            break
        back = data[at] | data[at + 1] << 8
        at += 2
        count = token & 15
        if count == 15:
            while (more := data[at]) == 255:
                count, at = count + 255, at + 1
            count, at = count + more, at + 1
        count += 4
        start = len(out) - back
        if not back or start < 0 or len(out) + count > most:
            raise ValueError(_DAMAGED)
        if back >= count:
            out += out[start : start + count]
        else:
            out += (out[start:] * (count // back + 1))[:count]
    return bytes(out)
