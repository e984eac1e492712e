"""What a tree has in it, whoever looks: the disk, a mount, or our reader."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path

# Of each path: mode, owners, time, links, content and attributes.
Files = dict[str, str]

HIDDEN = ("user.overlay.", "user.fuseoverlayfs.", "user.containers.")


def _line(path: Path, about: os.stat_result) -> str:
    # How many names a directory has is the file system's own business.
    links = 0 if stat.S_ISDIR(about.st_mode) else about.st_nlink
    words = [f"{about.st_mode:o}", about.st_uid, about.st_gid]
    words += [int(about.st_mtime), links]
    if stat.S_ISREG(about.st_mode):
        words += [about.st_size, hashlib.sha256(path.read_bytes()).hexdigest()]
    elif stat.S_ISLNK(about.st_mode):
        words.append(os.fsencode(os.readlink(path)).hex())
    elif stat.S_ISCHR(about.st_mode) or stat.S_ISBLK(about.st_mode):
        words.append(f"{os.major(about.st_rdev)}:{os.minor(about.st_rdev)}")
    if stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode):
        words += [
            f"{name}={os.getxattr(path, name).hex()}"
            for name in sorted(os.listxattr(path))
            if not name.startswith(HIDDEN)
        ]
    return " ".join(map(str, words))


def on_disk(top: Path) -> Files:
    """Everything below a directory, and itself."""
    found = {"": _line(top, top.lstat())}
    for parent, directories, files in os.walk(top):
        for name in directories + files:
            path = Path(parent, name)
            key = os.fsencode(path.relative_to(top)).hex()
            found[key] = _line(path, path.lstat())
    return found


def from_lines(text: str) -> Files:
    """The same of what `reader list` prints."""
    found = {}
    for line in text.splitlines():
        path, _, rest = line.partition("\t")
        mode, uid, gid, mtime, links, *more = rest.split()
        kind = int(mode, 8)
        if stat.S_ISDIR(kind):
            links = "0"
        if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
            number = int(more[0], 16)
            minor = number & 0xFF | number >> 12 & 0xFFF00
            more[0] = f"{number >> 8 & 0xFFF}:{minor}"
        plain = [word for word in more if "=" not in word]
        plain += sorted(word for word in more if "=" in word)
        found[path.removeprefix("2f")] = " ".join(
            [mode, uid, gid, mtime, links, *plain]
        )
    return found


if __name__ == "__main__":
    sys.stdout.writelines(
        f"{key}\t{line}\n" for key, line in sorted(on_disk(Path(sys.argv[1])).items())
    )
