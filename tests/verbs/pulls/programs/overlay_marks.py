"""Make a directory with a directory `d` that has attributes of an overlay's layer."""

from __future__ import annotations

import os
import sys

marked = f"{sys.argv[1]}/d"
os.makedirs(marked)
for name in ("user.overlay.opaque", "user.overlay.redirect", "user.kept"):
    os.setxattr(marked, name, b"y")
