"""Make a directory `k` of files that are easily lost, as root of a user namespace.

Argument: the kind of the person, who may or may not give files to others.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys

CAPABLE = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)
NONE = 2**32 - 1
RIGHTS = [(1, 6, NONE), (2, 5, 0), (4, 4, NONE), (16, 7, NONE), (32, 0, NONE)]
ACL = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *right) for right in RIGHTS)


def made(name: str | bytes) -> str | bytes:
    """A new small file."""
    with open(name, "w") as file:
        file.write("x")
    return name


def attributes() -> None:
    """Make files with a capability, with access control lists, with a user's own."""
    os.setxattr(made("capable"), "security.capability", CAPABLE)
    os.setxattr(made("acl"), "system.posix_acl_access", ACL)
    os.mkdir("inherits")
    os.setxattr("inherits", "system.posix_acl_default", ACL)
    os.removexattr(made("inherits/plain"), "system.posix_acl_access")
    os.chmod("inherits/plain", 0o640)
    os.mkdir("inherits/deep")
    os.removexattr("inherits/deep", "system.posix_acl_default")
    os.setxattr(made("user"), "user.a b\n", b"\0\xff")
    os.chmod("user", 0o444)


def kinds() -> None:
    """Make hard links, symlinks, a sparse file, a pipe, a socket and odd names."""
    os.link(made("twin"), "twin2")
    os.mkdir("in")
    os.link("twin", "in/twin3")
    os.symlink("nowhere", "l")
    os.link("l", "l2", follow_symlinks=False)
    with open("sparse", "wb") as file:
        file.truncate(1 << 26)
        file.seek(1 << 25)
        file.write(b"middle" * 1000)
    os.mkfifo("pipe", 0o620)
    socket.socket(socket.AF_UNIX).bind("socket")
    for name in (b"-rf", b"new\nline", b"\033[31m", b"\xff\xfe", b" ", b"--", b"*"):
        os.mkdir(name)
        made(name + b"/" + name)
        os.symlink(name, name + b"/l")


def modes_and_times() -> None:
    """Make files with special bits, times far away, and what nobody may enter."""
    os.chmod(made("setuid"), 0o6755)
    os.mkdir("sticky")
    os.chmod("sticky", 0o3777)
    os.utime(made("early"), ns=(1, -123456789))
    os.utime(made("late"), ns=(1, 4102444800_987654321))
    os.utime("l", ns=(5, 6_000_000_007), follow_symlinks=False)
    os.mkdir("closed")
    os.chmod(made("closed/file"), 0)
    os.chmod("closed", 0)
    os.utime("closed", ns=(7, 8_000_000_009))


def owners(kind: str) -> None:
    """Give files to others, and make a device, as far as this person may."""
    if kind != "single":
        os.chown("setuid", 7, 8)
        os.chmod("setuid", 0o6755)
        os.chown("l", 9, 10, follow_symlinks=False)
    if kind == "root":
        os.mknod("null", stat.S_IFCHR | 0o666, os.makedev(1, 3))


os.mkdir("k")
os.chdir("k")
attributes()
kinds()
modes_and_times()
owners(sys.argv[1])
