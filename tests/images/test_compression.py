"""A file is compressed as its name says, and the same bytes give the same file."""

from __future__ import annotations

import io
import random

import pytest

from plashui.core.errors import PlashError
from plashui.images.compression import MAGIC_BYTES, opener, packer

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
    assert read(io.BytesIO(data)).reader.read() == DATA
    assert packed(name) == data, "no times, no names"


@pytest.mark.parametrize("name", ["a.tar", "debian", "debian-12.5", "a.img", "x.", ""])
def test_any_other_name_is_a_plain_tar(name: str) -> None:
    assert packed(name) == DATA


@pytest.mark.parametrize("name", ["a.tar.lz4", "a.zip", "a.tar.Z", "a.lzma"])
def test_a_compression_that_we_have_not_is_refused(name: str) -> None:
    with pytest.raises(PlashError, match="cannot compress as"):
        packer(name)
