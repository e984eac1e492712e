"""Images that somebody made to do harm: an error, and nothing outside is touched."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tests.helpers.squashfs.conftest import Reader, mksquashfs

SUPERBLOCK = 96
ENTRY = 8  # before each name: offset, difference, type, length


class Evil:
    """An image in which nothing is compressed, to be changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = bytearray(path.read_bytes())

    def save(self) -> Path:
        """Write what it is now."""
        self.path.write_bytes(self.data)
        return self.path

    def entry(self, name: bytes) -> int:
        """Where the entry of a directory for this name is, which is there once."""
        start = self.data.index(name, self.directories) - ENTRY
        assert struct.unpack_from("<H", self.data, start + 6)[0] == len(name) - 1
        return start

    @property
    def directories(self) -> int:
        """Where the table of directories begins."""
        (start,) = struct.unpack_from("<Q", self.data, 72)
        return int(start)

    def inode(self, name: bytes) -> int:
        """Where its inode is, in the first block of the table."""
        (table,) = struct.unpack_from("<Q", self.data, 64)
        (offset,) = struct.unpack_from("<H", self.data, self.entry(name))
        return int(table) + 2 + int(offset)

    def rename(self, old: bytes, new: bytes) -> None:
        """Give a file another name of the same length."""
        start = self.entry(old) + ENTRY
        assert len(old) == len(new)
        self.data[start : start + len(new)] = new

    def put(self, at: int, form: str, value: int) -> None:
        """Write a number."""
        struct.pack_into(form, self.data, at, value)


@pytest.fixture
def evil(tmp_path: Path) -> Evil:
    """Such an image, of a small tree."""
    top = tmp_path / "top"
    for name in ("first", "second/inner", "third"):
        (top / name).mkdir(parents=True)
    (top / "first/file-name").write_text("content")
    (top / "big-file").write_bytes(bytes(range(256)) * 1000)
    (top / "link-1").symlink_to("/")
    (top / "link-2").mkdir()
    (top / "link-2/written").write_text("evil")
    options = "-noI -noD -noF -noX -noId -no-fragments -no-xattrs -no-exports"
    return Evil(mksquashfs(top, tmp_path / "image", options.split()))


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """An empty directory, in one that has to stay as it is."""
    path = tmp_path / "outside/into"
    path.mkdir(parents=True)
    return path


def refused(reader: Reader, image: Path, into: Path) -> str:
    """What is said of an image that cannot be unpacked."""
    done = reader("unpack", image, 0, "", into)
    assert done.returncode == 1, done.stdout
    assert [path.name for path in into.parent.iterdir()] == ["into"]
    return done.stderr


@pytest.mark.parametrize(
    "name", [b"../../etc", b"/file-nam", b"file/name", b"file\0name", b"file-nam/"]
)
def test_a_name_never_leads_out(
    name: bytes, reader: Reader, evil: Evil, into: Path
) -> None:
    evil.rename(b"file-name", name)
    assert "it is damaged" in refused(reader, evil.save(), into)


def test_a_name_that_is_there_twice_is_refused(
    reader: Reader, evil: Evil, into: Path
) -> None:
    evil.rename(b"third", b"first")
    assert "first: File exists" in refused(reader, evil.save(), into)


def test_nothing_is_written_through_a_link(
    reader: Reader, evil: Evil, into: Path
) -> None:
    evil.rename(b"link-2", b"link-1")
    assert "link-1: File exists" in refused(reader, evil.save(), into)
    assert not Path("/written").exists()


@pytest.mark.parametrize("name", [b"first", b"inner"])
def test_a_directory_in_itself_is_refused(
    name: bytes, reader: Reader, evil: Evil, into: Path
) -> None:
    (root,) = struct.unpack_from("<Q", evil.data, 32)
    evil.put(evil.entry(name), "<H", root & 0xFFFF)
    assert "Too many levels" in refused(reader, evil.save(), into)


def test_a_directory_at_two_places_is_refused(
    reader: Reader, evil: Evil, into: Path
) -> None:
    (offset,) = struct.unpack_from("<H", evil.data, evil.entry(b"second"))
    evil.put(evil.entry(b"third"), "<H", offset)
    assert "Too many levels" in refused(reader, evil.save(), into)


@pytest.mark.parametrize(
    ("at", "form", "value"),
    [
        (16, "<I", 0xFFFFFFFF),  # where its content begins
        (28, "<I", 0xFFFFFFFF),  # its size
        (20, "<I", 7),  # a fragment, of which there is none
        (0, "<H", 0),  # its type
        (0, "<H", 200),
        (4, "<H", 9999),  # its owner
        (32, "<I", 0x00FFFFFF),  # how long its first block is
    ],
)
def test_an_inode_that_lies_is_damaged(
    at: int, form: str, value: int, reader: Reader, evil: Evil, into: Path
) -> None:
    evil.put(evil.inode(b"big-file") + at, form, value)
    assert "it is damaged" in refused(reader, evil.save(), into)
    assert reader("list", evil.path, 0).returncode == 1


@pytest.mark.parametrize(
    ("at", "form", "value"),
    [
        (0, "<I", 0),
        (12, "<I", 3),
        (12, "<I", 1 << 30),
        (16, "<I", 0xFFFFFFFF),
        (20, "<H", 99),
        (26, "<H", 0),
        (28, "<H", 3),
        (32, "<Q", (1 << 64) - 1),
        (40, "<Q", 1 << 63),
        (40, "<Q", 10),
        (48, "<Q", 1 << 62),
        (56, "<Q", 5),
        (64, "<Q", (1 << 64) - 100),
        (72, "<Q", (1 << 64) - 100),
    ],
)
def test_a_superblock_that_lies_is_refused(
    at: int, form: str, value: int, reader: Reader, evil: Evil
) -> None:
    evil.put(at, form, value)
    done = reader("list", evil.save(), 0)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_what_is_cut_off_is_refused(reader: Reader, evil: Evil) -> None:
    (size,) = struct.unpack_from("<Q", evil.data, 40)
    whole = bytes(evil.data)
    for length in (0, 10, SUPERBLOCK, size // 2, size - 1):
        evil.data = bytearray(whole[:length])
        assert reader("list", evil.save(), 0).returncode == 1


@pytest.mark.parametrize("compressor", ["gzip", "lz4", "zstd", "xz"])
def test_damaged_bytes_are_an_error_at_most(
    compressor: str, reader: Reader, evil: Evil, tmp_path: Path, into: Path
) -> None:
    image = mksquashfs(tmp_path / "top", tmp_path / "other", ["-comp", compressor])
    whole = image.read_bytes()
    chance = random.Random(compressor)
    for turn in range(12):
        data = bytearray(whole)
        for _ in range(4):
            data[chance.randrange(SUPERBLOCK, len(whole.rstrip(b"\0")))] ^= 1 + turn
        image.write_bytes(data)
        reader("list", image, 0)
        own = into / str(turn)
        own.mkdir()
        reader("unpack", image, 0, "", own)
    assert [path.name for path in into.parent.iterdir()] == ["into"]
    assert evil.path.exists()


def test_a_changed_payload_is_seen(reader: Reader, tmp_path: Path) -> None:
    """A program of two sections: its stamp, and their names."""
    stamp = b"plash-app-stamp\0" + b"0" * 64 + bytes(16)
    names = b"\0.plash_app\0.names\0"
    header = bytearray(64)
    header[:6] = b"\x7fELF\x02\x01"
    table = 64 + len(stamp) + len(names)
    struct.pack_into("<Q", header, 40, table)
    struct.pack_into("<HHH", header, 58, 64, 3, 2)

    def section(name: int, at: int, size: int) -> bytes:
        return struct.pack("<IIQQQQIIQQ", name, 1, 0, 0, at, size, 0, 0, 0, 0)

    sections = [section(0, 0, 0), section(1, 64, len(stamp))]
    sections.append(section(12, 64 + len(stamp), len(names)))
    program = bytes(header) + stamp + names + b"".join(sections)
    file = tmp_path / "file"

    file.write_bytes(program + b"payload")
    done = reader("payload", file)
    begin, digest_at, digest = done.stdout.split()
    assert (int(begin), int(digest_at)) == (len(program), 64 + 16)
    assert digest == "0" * 64
    assert "it was changed since it was made" in done.stderr

    right = "239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5"
    stamped = program.replace(b"0" * 64, right.encode())
    file.write_bytes(stamped + b"payload")
    done = reader("payload", file)
    assert (done.returncode, done.stderr) == (0, "")
    file.write_bytes(stamped + b"pAyload")
    assert reader("payload", file).returncode == 1

    cut_off = section(1, len(program) - 40, len(stamp))
    file.write_bytes(stamped.replace(sections[1], cut_off))
    done = reader("payload", file)
    assert (done.returncode, done.stdout.split()[1:]) == (1, ["0"])
    assert "it has no digest" in done.stderr
