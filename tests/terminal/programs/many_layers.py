"""Fill a store with empty layers, as the old program leaves them.

Arguments: the store, how many.
"""

from __future__ import annotations

import os
import sys

os.chdir(sys.argv[1])
count = int(sys.argv[2])
place = {0: "layer/0"}
for i in range(1, count + 1):
    parent = 0 if i % 10 == 1 else i - (i - 1) % 10
    if i % 10 in (2, 3, 7):
        parent = i - 1
    place[i] = f"{place[parent]}/{i}"
    os.makedirs(f"{place[i]}/_data/root")
    os.symlink(f"../{place[i]}", f"index/{i}")
with open("id_counter", "wb") as counter:
    counter.write(b"." * count)
