"""Make a tree with everything that is easily lost, as root of a user namespace.

Arguments: where, the kind of the person, busybox.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import sys

top, kind, busybox = sys.argv[1:]
some, other = (0, 0) if kind == "single" else (8, 9)
CAPABLE = bytes.fromhex("0100000200200000" + "00" * 12)


def write(
    name: str | bytes,
    data: bytes = b"x",
    mode: int = 0o644,
    owner: tuple[int, int] = (0, 0),
) -> None:
    """Write a file of this mode and owner."""
    with open(name, "wb") as file:
        file.write(data)
    os.chown(name, *owner)
    os.chmod(name, mode)


def acl(name: str, which: str, *entries: tuple[int, int, int]) -> None:
    """Give a file an access control list with these entries besides the usual."""
    rows = [(1, 7, -1), *entries, (4, 5, -1), (16, 7, -1), (32, 0, -1)]
    packed = b"".join(struct.pack("<HHi", *row) for row in sorted(rows))
    os.setxattr(name, "system.posix_acl_" + which, struct.pack("<I", 2) + packed)


def system() -> None:
    """Make what a command needs to run there."""
    for name in ("bin", "etc", "d/e", "closed", "gone/x", "opaque/x", "proc", "tmp"):
        os.makedirs(name)
    shutil.copyfile(busybox, "bin/busybox")
    os.chmod("bin/busybox", 0o755)
    for name in ("sh", "rm", "mkdir", "touch", "chmod", "echo", "mv"):
        os.symlink("busybox", "bin/" + name)


def files() -> None:
    """Make files of every kind, mode, owner and attribute."""
    write("d/setuid", b"s" * 70_000, 0o6755, (some, other))
    write("d/none", b"", 0o000, (some, some))
    write("d/nobody", b"n", 0o600, (0 if kind == "single" else 65534, 0))
    os.link("d/setuid", "d/e/hard")
    os.symlink("/etc/passwd", "d/absolute")
    os.symlink("../../../../etc", "d/up")
    os.mkfifo("d/fifo", 0o620)
    os.chown("d/fifo", some, 0)
    os.symlink("x", "d/link")
    os.chown("d/link", some, other, follow_symlinks=False)
    write("d/attribute")
    os.setxattr("d/attribute", "user.note", b"v\0\xff")
    write("d/able", mode=0o755)
    os.setxattr("d/able", "security.capability", CAPABLE)
    write("d/listed", mode=0o640)
    acl("d/listed", "access", (2, 6, some))
    acl("d/e", "default", (8, 5, other))
    with open("d/holes", "wb") as file:
        for at in (0, 5_000_000, 9_000_000):
            file.seek(at)
            file.write(b"data")
        file.truncate(12_000_000)


def names() -> None:
    """Make files with odd names, long paths, and what others hide or close."""
    odd = "\u202eevil\x1b[31m".encode()
    for name in (b"new\nline", b"\xff\xfe", odd, b"-rf", b"back\\slash"):
        write(name)
    os.makedirs("long/" + "/".join(["n" * 200] * 8))
    write("closed/secret", mode=0o400, owner=(some, some))
    write("gone/x/file")
    write("opaque/x/old")
    os.chdir("etc")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind("socket")
    os.chdir("..")


def directories() -> None:
    """Set what directories say, and times that no clock would give."""
    if kind == "root":
        os.mknod("d/zero", 0o20666, os.makedev(1, 5))
    os.chmod("closed", 0o700)
    os.chown("closed", some, some)
    os.chmod("tmp", 0o1777)
    os.chmod(".", 0o751)
    for directory, below, found in os.walk(".", topdown=False):
        for number, name in enumerate([*below, *found]):
            time = 1_000_000_000_123_456_789 + number * 1_000_000_007
            path = os.path.join(directory, name)
            os.utime(path, ns=(time, time), follow_symlinks=False)
    os.utime(".", ns=(999_999_999_999_999_999,) * 2)


os.makedirs(top, exist_ok=True)
os.chdir(top)
system()
files()
names()
directories()
