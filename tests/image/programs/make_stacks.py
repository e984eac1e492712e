"""Make a layer of each stack in a directory of its own, in the working directory.

Arguments: the layers as JSON, the layer's number, the kind of the person.
"""

from __future__ import annotations

import json
import os
import stat
import sys

with open(sys.argv[1]) as file:
    stacks = json.load(file)
number = int(sys.argv[2])
for n, things in enumerate(stacks):
    os.mkdir(str(n))
    for name, kind in things:
        path = f"{n}/{name}"
        if kind == "-":
            os.close(os.open(path, os.O_CREAT, 0o600 + number))
        elif kind == "w":
            os.mknod(path, stat.S_IFCHR)
        else:
            os.mkdir(path)
            os.chmod(path, 0o700 + number)
        if kind == "o":
            os.setxattr(path, "user.overlay.opaque", b"y")
            if sys.argv[3] == "root":
                os.setxattr(path, "trusted.overlay.opaque", b"y")
