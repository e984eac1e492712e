"""Make two files, one of them with another time and an attribute."""

from __future__ import annotations

import os

for name in ("f", "g"):
    open(name, "w").close()
os.utime("g", (1, 1))
os.setxattr("g", "user.x", b"1")
