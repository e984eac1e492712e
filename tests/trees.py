"""A tree with everything that is easily lost, and all there is to see of a tree.

Both are scripts: only root of the person's user namespace may make and see it all.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from tests.conftest import cannot
from tests.people import Person

Tree = dict[str, dict[str, Any]]

_MAKE: Final = r"""
import os, shutil, socket, struct, sys
top, kind, busybox = sys.argv[1:]
os.makedirs(top, exist_ok=True)
os.chdir(top)
some, other = (0, 0) if kind == "single" else (8, 9)

def write(name, data=b"x", mode=0o644, owner=(0, 0)):
    with open(name, "wb") as file:
        file.write(data)
    os.chown(name, *owner)
    os.chmod(name, mode)

def acl(name, which, *entries):
    rows = [(1, 7, -1), *entries, (4, 5, -1), (16, 7, -1), (32, 0, -1)]
    packed = b"".join(struct.pack("<HHi", *row) for row in sorted(rows))
    os.setxattr(name, "system.posix_acl_" + which, struct.pack("<I", 2) + packed)

for name in ("bin", "etc", "d/e", "closed", "gone/x", "opaque/x", "proc", "tmp"):
    os.makedirs(name)
shutil.copyfile(busybox, "bin/busybox")
os.chmod("bin/busybox", 0o755)
for name in ("sh", "rm", "mkdir", "touch", "chmod", "echo", "mv"):
    os.symlink("busybox", "bin/" + name)
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
able = bytes.fromhex("0100000200200000" + "00" * 12)
os.setxattr("d/able", "security.capability", able)
write("d/listed", mode=0o640)
acl("d/listed", "access", (2, 6, some))
acl("d/e", "default", (8, 5, other))
with open("d/holes", "wb") as file:
    for at in (0, 5_000_000, 9_000_000):
        file.seek(at)
        file.write(b"data")
    file.truncate(12_000_000)
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
if kind == "root":
    os.mknod("d/zero", 0o20666, os.makedev(1, 5))
os.chmod("closed", 0o700)
os.chown("closed", some, some)
os.chmod("tmp", 0o1777)
os.chmod(".", 0o751)
for directory, names, files in os.walk(".", topdown=False):
    for number, name in enumerate([*names, *files]):
        time = 1_000_000_000_123_456_789 + number * 1_000_000_007
        os.utime(os.path.join(directory, name), ns=(time, time), follow_symlinks=False)
os.utime(".", ns=(999_999_999_999_999_999,) * 2)
"""

_LOOK: Final = r"""
import hashlib, json, os, stat, sys
os.chdir(sys.argv[1])
found, names = {}, {}
paths = ["."]
for path in paths:
    facts = os.lstat(path)
    mode = facts.st_mode
    row = {"type": stat.S_IFMT(mode), "mode": stat.S_IMODE(mode)}
    row["time"] = facts.st_mtime_ns
    row["owner"] = [facts.st_uid, facts.st_gid]
    row["attributes"] = {
        name: os.getxattr(path, name, follow_symlinks=False).hex()
        for name in sorted(os.listxattr(path, follow_symlinks=False))
        if not name.startswith(("trusted.overlay.", "security.selinux"))
    }
    if stat.S_ISREG(mode):
        with open(path, "rb") as file:
            row["content"] = hashlib.sha256(file.read()).hexdigest()
        row["sparse"] = facts.st_blocks * 512 < facts.st_size // 2
        first = names.setdefault((facts.st_dev, facts.st_ino), path)
        row["same as"] = first
    elif stat.S_ISLNK(mode):
        row["target"] = os.readlink(path)
    elif stat.S_ISDIR(mode):
        paths += sorted(os.path.join(path, name) for name in os.listdir(path))
    else:
        row["device"] = facts.st_rdev
    if not stat.S_ISSOCK(mode):
        found[path] = row
print(json.dumps(found))
"""


def make(person: Person, place: Path) -> Path:
    """The tree, made by root of the person's namespace."""
    busybox = shutil.which("busybox")
    if not busybox:
        cannot("busybox is not installed (Debian: busybox-static)")
    words = [person.bin / "plash", "sudo", "/usr/bin/python3", "-c", _MAKE]
    person.run([*words, place, person.map, busybox], check=True)
    return place


def look(person: Person, place: Path) -> Tree:
    """All there is to see of a tree. (A socket is nothing without its process.)"""
    words = [person.bin / "plash", "sudo", "/usr/bin/python3", "-c", _LOOK, place]
    return _read(person.run(words, check=True).stdout)


def look_into(person: Person, store: Path, image: str) -> Tree:
    """The same of a merged image."""
    words = [person.bin / "plash", "mounted", image, "/usr/bin/python3", "-c", _LOOK]
    done = person.run([*words, "."], env={"PLASH_DATA": str(store)}, check=True)
    return _read(done.stdout)


def _read(text: str) -> Tree:
    found: Tree = json.loads(text)
    return found
