"""A squashfs of anybody is read whole, or refused in one line."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.squashfs.compressors import unlz4
from plashui.transfer.squashfs.reader import Squashfs
from tests.conftest import cannot
from tests.transfer.squashfs.made import contents, member, squashed, tar_of

FLIPS = 400


def tree(place: Path) -> dict[str, bytes]:
    """Some files with something to compress, and their content."""
    words = b" ".join(b"%d" % number for number in range(90_000))
    found = {
        "small": b"small",
        "empty": b"",
        "words": words,
        "noise": os.urandom(300_000),
        "zeros": bytes(1 << 20),
        "deep/er/file": words[:5000],
        **{f"many/{number:04}": b"%d" % number for number in range(600)},
    }
    for name, data in found.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return found


@pytest.mark.parametrize(
    "options",
    [
        *(["-comp", name] for name in ("gzip", "xz", "lz4", "zstd")),
        ["-comp", "gzip", "-b", "4096", "-always-use-fragments"],
        ["-comp", "zstd", "-b", "1M", "-no-fragments"],
        ["-comp", "xz", "-Xbcj", "x86", "-noI"],
        ["-comp", "lz4", "-Xhc"],
    ],
    ids=" ".join,
)
def test_what_mksquashfs_makes_is_read(tmp_path: Path, options: list[str]) -> None:
    if not shutil.which("mksquashfs"):
        cannot("squashfs-tools is not installed")
    expected = tree(tmp_path / "tree")
    file = tmp_path / "x"
    words = ["mksquashfs", f"{tmp_path}/tree", str(file), "-noappend", "-quiet"]
    subprocess.run([*words, "-no-progress", *options], check=True, capture_output=True)
    found = contents(file)
    assert {name[2:]: data for name, data in found.items() if data} == {
        name: data for name, data in expected.items() if data
    }
    assert "./empty" in found


def test_damage_is_told_and_nothing_else_happens(tmp_path: Path) -> None:
    members = [
        (member(f"d/{n}", pax_headers={"SCHILY.xattr.user.a": "b"}), b"%d" % n)
        for n in range(300)
    ]
    members += [(member("noise"), os.urandom(200_000)), (member("z"), bytes(300_000))]
    file = squashed(tmp_path / "x", tar_of(members))
    whole = file.read_bytes()
    chance = random.Random(5)
    refused = 0
    for _ in range(FLIPS):
        data = bytearray(whole)
        # Most of it is noise: half of the flips are for the tables, at the end.
        low = 0 if chance.random() < 0.3 else 200_000
        for _ in range(chance.choice((1, 1, 3))):
            data[chance.randrange(low, len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            place = chance.randrange(96)
            data[place] = chance.choice((0, 1, 0x7F, 0xFF))
        file.write_bytes(data)
        try:
            contents(file)
        except PlashError:
            refused += 1
    assert refused > FLIPS // 4
    for size in (0, 3, 95, 96, 5000, len(whole) - 4):
        file.write_bytes(whole[:size])
        with pytest.raises(PlashError):
            contents(file)


def test_a_directory_in_itself_is_refused(tmp_path: Path) -> None:
    """Its inode is written over with one that has the listing of the root."""
    file = squashed(tmp_path / "x", tar_of([(member("a/b/c"), b"")]), "none")
    with file.open("rb") as opened:
        squashfs = Squashfs(opened, 0)
        root, inner = squashfs.root(), squashfs.find(b"a/b")
        table = squashfs.head.inode_table
    assert inner is not None
    data = bytearray(file.read_bytes())
    at = table + 2 + (inner.place & 0xFFFF) + 16
    data[at : at + 4] = struct.pack("<I", root.start)
    data[at + 8 : at + 12] = struct.pack("<HH", root.size, root.offset)
    file.write_bytes(data)
    with pytest.raises(PlashError, match="damaged"):
        contents(file)


def test_damaged_lz4_is_refused() -> None:
    assert unlz4(b"\x10a", 100) == b"a"
    assert unlz4(b"\x14a\x01\x00\x00", 100) == b"a" * 9
    for bad in (b"\x14a\x02\x00", b"\x14a\x00\x00", b"\x1fa\x01\x00" + b"\xff" * 50):
        with pytest.raises((ValueError, IndexError)):
            unlz4(bad, 100)
