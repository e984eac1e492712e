"""What GNU tar makes of an archive is made of it here too."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.amount import SEED, THOROUGH, WHOLE
from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacker
from tests.helpers.tar.random_tars import random_tar

GNU_TAR = (
    *("tar", "-xf", "-", "--numeric-owner", "--same-permissions", "--same-owner"),
    *("--xattrs", "--xattrs-include=user.*"),
)
ROUNDS = 5000 if THOROUGH else 600 if WHOLE else 80


def facts(top: Path) -> dict[str, tuple[object, ...]]:
    """All that there is of a tree, but the times of directories, and their setgid bits.

    GNU tar sets those too early where more comes later.
    """
    return dict(each_fact(top))


def each_fact(top: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    inodes: dict[int, str] = {}
    for path in sorted(top.rglob("*")):
        name, st = str(path.relative_to(top)), path.lstat()
        kind, content = stat.S_IFMT(st.st_mode), b""
        if kind == stat.S_IFREG:
            content = path.read_bytes()
        elif kind == stat.S_IFLNK:
            content = os.readlink(path).encode()
        time, mode = st.st_mtime_ns, st.st_mode
        if kind == stat.S_IFDIR:
            time, mode = 0, mode & ~stat.S_ISGID
        same = inodes.setdefault(st.st_ino, name)
        yield name, (oct(mode), st.st_uid, st.st_gid, time, content, same)


def by_gnu_tar(tar: bytes, top: Path) -> bool:
    """Unpack it; whether it had nothing to complain of."""
    top.mkdir()
    done = subprocess.run([*GNU_TAR, "-C", top], input=tar, capture_output=True)
    return done.returncode == 0


def test_random_archives(unpack: Unpacker, playground: Path) -> None:
    if unpack.plash.person.map != "root":
        return  # the same program, with fewer rights
    chance = random.Random(SEED)
    alike = 0
    for number in range(ROUNDS):
        # Those it makes last, and of two in one place the first.
        tar = random_tar(chance, layer=False, inward=True)
        theirs = playground / f"gnu{number}"
        if by_gnu_tar(tar, theirs):
            ours = unpack(tar)
            assert ours.done.returncode == 0, (SEED, number, ours.done.stderr)
            assert facts(ours.top) == facts(theirs), (SEED, number)
            alike += 1
            shutil.rmtree(ours.top.parent)
        shutil.rmtree(theirs)
    assert alike > ROUNDS / 20  # a quarter, as a rule: the others GNU tar refuses


def test_files_and_directories_that_take_each_others_place(
    unpack: Unpacker, playground: Path
) -> None:
    if unpack.plash.person.map != "root":
        return
    kinds = {
        "file": a.file(b"x", b"1"),
        "directory": a.directory(b"x"),
        "link": a.symlink(b"x", b"d"),
        "fifo": a.header(b"x", b"6"),
        "hard link": a.hard_link(b"x", b"f"),
        "device": a.header(b"x", b"3", device=(1, 3)),
    }
    for first, one in kinds.items():
        for second, other in kinds.items():
            tar = a.whole(a.directory(b"d"), a.file(b"f", b"2"), one, other)
            theirs = playground / f"{first} {second}"
            assert by_gnu_tar(tar, theirs), (first, second)
            ours = unpack(tar)
            assert ours.done.returncode == 0, (first, second, ours.done)
            assert facts(ours.top) == facts(theirs), (first, second)
