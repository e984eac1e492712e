"""A file is compressed as its name says, and the same bytes give the same file."""

from __future__ import annotations

import io
import lzma
import random
import zlib

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.compression import MAGIC_BYTES, opener, packer

DATA = random.Random(1).randbytes(100_000) + bytes(300_000)
MAGIC = {
    "a.tar.gz": b"\x1f\x8b",
    "a.TGZ": b"\x1f\x8b",
    "a.tar.xz": b"\xfd7zXZ\0",
    "a.txz": b"\xfd7zXZ\0",
    "a.tar.bz2": b"BZh",
    "a.tbz": b"BZh",
    "a.tar.zst": b"\x28\xb5\x2f\xfd",
    "a.tzst": b"\x28\xb5\x2f\xfd",
}


def packed(name: str) -> bytes:
    held = io.BytesIO()
    file = packer(name)(held)
    for start in range(0, len(DATA), 65536):
        file.write(DATA[start : start + 65536])
    file.close()
    return held.getvalue()


@pytest.mark.parametrize("name", MAGIC)
def test_a_suffix_says_how_it_is_compressed(name: str) -> None:
    data = packed(name)
    assert data.startswith(MAGIC[name])
    assert len(data) < 150_000
    read = opener(data[:MAGIC_BYTES])
    assert read is not None
    for stream in (data, data + data):
        reader = read(io.BytesIO(stream)).reader
        whole = b"".join(iter(lambda: reader.read(50_000), b""))  # noqa: B023
        assert whole == DATA * (len(stream) // len(data))
    assert packed(name) == data, "no times, no names"


def asking_for_memory(size: int) -> bytes:
    """An xz file of little that says it looks back so far (xz format 5.3.1).

    `size` is the dictionary's as the format encodes it: 40 is 4 GiB.
    """
    made = bytearray(lzma.compress(b"little"))
    header = 12  # of the stream; then a block's: its size, flags, and filters
    end = header + 4 * (made[header] + 1) - 4
    assert made[header + 2 : header + 4] == b"\x21\x01", "LZMA2, one byte of properties"
    made[header + 4] = size
    made[end : end + 4] = zlib.crc32(made[header:end]).to_bytes(4, "little")
    return bytes(made)


@pytest.mark.parametrize("name", MAGIC)
def test_the_pieces_that_come_change_nothing(name: str) -> None:
    rest, made = DATA, io.BytesIO()
    stream, dice = packer(name)(made), random.Random(2)
    while rest:
        size = dice.choice((1, 511, 65_536, 200_000))
        stream.write(rest[:size])
        rest = rest[size:]
    stream.close()
    assert made.getvalue() == packed(name)


def test_an_xz_file_gets_no_more_memory_than_is_sensible() -> None:
    read = opener(MAGIC["a.txz"])
    assert read is not None
    opened = read(io.BytesIO(asking_for_memory(28)))  # 64 MiB, as xz -9
    assert opened.reader.read(100) == b"little"
    opened = read(io.BytesIO(asking_for_memory(40)))
    with pytest.raises(opened.errors, match="Memory usage limit"):
        opened.reader.read(100)


@pytest.mark.parametrize("end", [1, 30])
def test_an_xz_file_that_is_cut_is_no_whole_one(end: int) -> None:
    read = opener(MAGIC["a.txz"])
    assert read is not None
    data = packed("a.txz")
    opened = read(io.BytesIO(data + bytes(8) + data[:-end]))
    pieces = iter(lambda: opened.reader.read(1 << 20), b"")
    with pytest.raises(opened.errors):
        sum(map(len, pieces))


@pytest.mark.parametrize("name", ["a.tar", "debian", "debian-12.5", "a.img", "x.", ""])
def test_any_other_name_is_a_plain_tar(name: str) -> None:
    assert packed(name) == DATA


@pytest.mark.parametrize("name", ["a.tar.lz4", "a.zip", "a.tar.Z", "a.lzma"])
def test_a_compression_that_we_have_not_is_refused(name: str) -> None:
    with pytest.raises(PlashError, match="cannot compress as"):
        packer(name)
