"""Print all there is to see of a tree, as JSON by path."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from typing import Any

os.chdir(sys.argv[1])
found: dict[str, dict[str, Any]] = {}
names: dict[tuple[int, int], str] = {}
paths = ["."]
for path in paths:
    facts = os.lstat(path)
    mode = facts.st_mode
    row: dict[str, Any] = {
        "type": stat.S_IFMT(mode),
        "mode": stat.S_IMODE(mode),
        "time": facts.st_mtime_ns,
        "owner": [facts.st_uid, facts.st_gid],
        "attributes": {
            name: os.getxattr(path, name, follow_symlinks=False).hex()
            for name in sorted(os.listxattr(path, follow_symlinks=False))
            if not name.startswith(("trusted.overlay.", "security.selinux"))
        },
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
