"""Make images 1 to DEPTH in an empty store, each the child of the one before.

Arguments: the store, the depth.
"""

from __future__ import annotations

import os
import sys

os.chdir(sys.argv[1])
depth = int(sys.argv[2])
place = "layer/0"
for n in range(1, depth + 1):
    place += f"/{n}"
    os.symlink(f"../{place}", f"index/{n}")
with open("id_counter", "w") as counter:
    counter.write("x" * depth)
os.chdir("layer/0")
for n in range(1, depth + 1):
    os.makedirs(f"{n}/_data/root/d")
    os.chdir(str(n))
    for name in (f"f{n}", "last", f"d/{n % 7}"):
        with open(f"_data/root/{name}", "w") as file:
            file.write(f"layer {n}")
    os.chmod(f"_data/root/f{n}", n & 0o777 | 0o400)
    os.chmod("_data/root/d", 0o700 | n & 0o77)
