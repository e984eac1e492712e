"""Print everything there is to see in the working directory, as JSON by path.

It is run as root of the image.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from typing import Any

found: dict[str, list[Any]] = {}
groups: dict[int, list[str]] = {}
for top, names, files in os.walk("."):
    for name in [".", *files, *(n for n in names if os.path.islink(f"{top}/{n}"))]:
        path = os.path.normpath(f"{top}/{name}")
        facts = os.lstat(path)
        kind = stat.S_IFMT(facts.st_mode)
        here: list[Any] = [
            facts.st_mode,
            facts.st_uid,
            facts.st_gid,
            facts.st_mtime_ns,
            {
                n: os.getxattr(path, n, follow_symlinks=False).hex()
                for n in os.listxattr(path, follow_symlinks=False)
                if ".overlay." not in n
            },
        ]
        if kind == stat.S_IFLNK:
            here.append(os.readlink(path))
        elif kind == stat.S_IFREG:
            with open(path, "rb") as file:
                here += [facts.st_size, hashlib.sha256(file.read()).hexdigest()]
        elif kind != stat.S_IFDIR:
            here.append(facts.st_rdev)
        found[path] = here
        if kind != stat.S_IFDIR and facts.st_nlink > 1:
            groups.setdefault(facts.st_ino, []).append(path)
for group in groups.values():
    for path in group if len(group) > 1 else []:  # the others may be hidden
        found[path].append(sorted(group))
print(json.dumps(found))
