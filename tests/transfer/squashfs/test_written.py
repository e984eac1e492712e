"""What is written is a squashfs in which nothing of the tar is lost."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.squashfs import node as n
from plashui.transfer.squashfs.as_tar import header
from plashui.transfer.squashfs.as_tar import tar_of as as_tar
from plashui.transfer.squashfs.compressors import NUMBERS
from plashui.transfer.squashfs.node import Node
from plashui.transfer.squashfs.reader import Squashfs
from tests.conftest import cannot
from tests.transfer.squashfs.made import contents, member, squashed, tar_of

BLOCK = 128 << 10
WRITTEN = list(NUMBERS)


def listed(file: Path) -> dict[str, list[str]]:
    """Mode, owner, size and so on, by path, as unsquashfs sees them."""
    if not shutil.which("unsquashfs"):
        cannot("squashfs-tools is not installed")
    words = ["unsquashfs", "-lln", str(file)]
    done = subprocess.run(words, capture_output=True, check=True)
    text = done.stdout.decode("utf-8", "surrogateescape")
    rows = [line.split(None, 5) for line in text.split("\n") if line]
    return {r[5].removeprefix("squashfs-root"): r[:5] for r in rows if len(r) == 6}


def read(file: Path, path: str) -> bytes:
    """The content of a file, as unsquashfs sees it."""
    words = ["unsquashfs", "-cat", str(file), path]
    return subprocess.run(words, capture_output=True, check=True).stdout


def everything() -> list[tuple[tarfile.TarInfo, bytes]]:
    """One of each kind, and sizes around that of a block."""
    noise = os.urandom(BLOCK)
    sizes = [0, 1, 5000, BLOCK - 1, BLOCK, BLOCK + 1, 9 * BLOCK, 9 * BLOCK + 77]
    found = [
        (member(".", tarfile.DIRTYPE, mode=0o755), b""),
        (member("./d", tarfile.DIRTYPE, mode=0o1777, uid=70_000, gid=3), b""),
        (member("./d/link", tarfile.SYMTYPE, linkname="../f1"), b""),
        (member("./d/c", tarfile.CHRTYPE, devmajor=1, devminor=300), b""),
        (member("./d/b", tarfile.BLKTYPE, devmajor=259, devminor=5), b""),
        (member("./d/p", tarfile.FIFOTYPE, mode=0o600), b""),
        (member("./setuid", mode=0o4755, uid=0, gid=42), b"x"),
        (member("./w\n\udcff" + "x" * 150), b"long"),
        (member("./zeros"), bytes(3 * BLOCK + 10)),
    ]
    for size in sizes:
        data = (noise * (size // BLOCK + 1))[:size]
        found.append((member(f"./f{size}", uid=size), data))
    found.append((member("./twice"), noise[:5000]))
    found.append((member("./hard", tarfile.LNKTYPE, linkname="./f5000"), b""))
    values = {
        "SCHILY.xattr.user.a": "1",
        "SCHILY.xattr.security.capability": "\x01\x02",
    }
    found.append((member("./attributes", pax_headers=values), b"y"))
    return found


@pytest.mark.parametrize("compression", WRITTEN)
def test_other_programs_see_all_of_it(tmp_path: Path, compression: str) -> None:
    members = everything()
    file = squashed(tmp_path / "x", tar_of(members), compression)
    rows = listed(file)
    assert rows["/d"][:2] == ["drwxrwxrwt", "70000/3"]
    assert rows["/d/link -> ../f1"][0] == "lrw-r--r--"
    assert rows["/setuid"][:2] == ["-rwsr-xr-x", "0/42"]
    assert [row[0][0] for path, row in rows.items() if path in ("/d/c", "/d/b", "/d/p")]
    for info, data in members:
        if info.isreg() and "\n" not in info.name:
            assert read(file, info.name[2:]) == data, info.name
    assert read(file, "hard") == read(file, "f5000")


@pytest.mark.parametrize("compression", WRITTEN)
def test_what_is_read_back_is_what_was_written(
    tmp_path: Path, compression: str
) -> None:
    members = everything()
    file = squashed(tmp_path / "x", tar_of(members), compression, before=1000)
    with file.open("rb") as opened:
        squashfs = Squashfs(opened, 1000)
        again = b"".join(as_tar(squashfs, squashfs.root()))
    with tarfile.open(fileobj=io.BytesIO(again), errors="surrogateescape") as tar:
        seen = {info.name: info for info in tar}
    content = contents(file, 1000)
    for info, data in members:
        assert content[info.name] == data or not info.isreg()
        there = seen[info.name]
        if info.name in ("./hard", "./f5000"):
            continue
        for field in ("type", "mode", "uid", "gid", "mtime", "linkname", "size"):
            assert getattr(there, field) == getattr(info, field), (info.name, field)
        if info.isdev():
            assert (there.devmajor, there.devminor) == (info.devmajor, info.devminor)
    first = next(name for name in seen if name in ("./hard", "./f5000"))
    other = seen["./hard" if first == "./f5000" else "./f5000"]
    assert (other.islnk(), other.linkname) == (True, first)
    headers = seen["./attributes"].pax_headers
    assert headers["SCHILY.xattr.user.a"] == "1"
    assert headers["SCHILY.xattr.security.capability"] == "\x01\x02"


def test_the_same_tar_gives_the_same_bytes(tmp_path: Path) -> None:
    tar = tar_of(everything())
    first = squashed(tmp_path / "a", tar).read_bytes()
    assert all(squashed(tmp_path / "b", tar).read_bytes() == first for _ in range(3))


def test_what_is_there_twice_takes_room_once(tmp_path: Path) -> None:
    noise = os.urandom(6 * BLOCK)
    once = squashed(tmp_path / "a", tar_of([(member("x"), noise)]))
    twice = [(member(f"{number}"), noise) for number in range(20)]
    file = squashed(tmp_path / "b", tar_of(twice))
    assert file.stat().st_size - once.stat().st_size < 4096
    assert read(file, "19") == noise


def test_holes_take_no_room(tmp_path: Path) -> None:
    """GNU tar tells where they are; nobody reads terabytes of zeros."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name, size, places in (
        ("huge", 1 << 36, (0, 5 * BLOCK - 3, 1 << 35)),
        ("ends", 3 * BLOCK + 5, (BLOCK, 3 * BLOCK)),
        ("only", 10 * BLOCK, ()),
    ):
        with (tree / name).open("wb") as file:
            file.truncate(size)
            for place in places:
                file.seek(place)
                file.write(b"data!")
    pack = ["tar", "-C", str(tree), "--format=pax", "--sparse", "-c", "."]
    tar = subprocess.run(pack, capture_output=True, check=True).stdout
    file_ = squashed(tmp_path / "x", tar)
    assert file_.stat().st_size < 200_000
    assert listed(file_)["/huge"][2] == str(1 << 36)
    for name in ("ends", "only"):
        assert read(file_, name) == (tree / name).read_bytes(), name
    with file_.open("rb") as opened:
        squashfs = Squashfs(opened, 0)
        again = b"".join(as_tar(squashfs, squashfs.root()))
    back = tmp_path / "back"
    back.mkdir()
    subprocess.run(["tar", "-C", str(back), "-x"], input=again, check=True)
    for name in ("ends", "only"):
        assert (back / name).read_bytes() == (tree / name).read_bytes()
    huge = back / "huge"
    assert (huge.stat().st_size, huge.stat().st_blocks * 512 < 1 << 20) == (
        1 << 36,
        True,
    )
    with huge.open("rb") as opened:
        opened.seek(1 << 35)
        assert opened.read(6) == b"data!\0"


def test_a_directory_may_be_huge(tmp_path: Path) -> None:
    names = sorted(f"{number:05d}" * 9 for number in range(20_000))
    tar = b"".join(
        header(f"d/{name}".encode(), Node(n.FIFO, 0o600), kind=b"6") for name in names
    )
    file = squashed(tmp_path / "x", tar)
    assert [path[3:] for path in listed(file) if path.startswith("/d/")] == names
    with file.open("rb") as opened:
        squashfs = Squashfs(opened, 0)
        assert squashfs.find(b"d/" + names[-1].encode()) is not None
        assert squashfs.find(b"d/none") is None


def test_more_owners_than_it_can_hold_are_refused(tmp_path: Path) -> None:
    def tar(count: int) -> bytes:
        return b"".join(
            header(b"%d" % one, Node(n.FIFO, 0o600, uid=one, gid=one), kind=b"6")
            for one in range(count)
        )

    assert len(listed(squashed(tmp_path / "x", tar(2_000)))) == 2_001
    with pytest.raises(PlashError, match="more than 65,535 users and groups"):
        squashed(tmp_path / "y", tar(65_536))


def test_a_tar_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    for bad in (
        [(member("../x"), b""), (member("y"), b"")],
        [(member("../x/y"), b"")],
        [(member("a"), b""), (member("a/b"), b"")],
        [(member("a", tarfile.LNKTYPE, linkname="none"), b"")],
    ):
        with pytest.raises(PlashError, match="damaged"):
            squashed(tmp_path / "x", tar_of(bad))
