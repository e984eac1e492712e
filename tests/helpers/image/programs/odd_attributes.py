"""Make a directory with attributes of odd names and values, and what has none."""

from __future__ import annotations

import os

os.mkdir("o")
os.mkdir("o/d")
os.symlink("o", "l")
os.setxattr("o", b"user.=\n\xff", b"\0 =")
os.setxattr("o", "user.a", b"")
