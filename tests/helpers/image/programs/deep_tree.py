"""Make directories deeper than any path, with a file at the end."""

from __future__ import annotations

import os

for _n in range(2200):
    os.mkdir("d")
    os.chdir("d")
open("end", "w").close()
