"""Make very many empty files. Arguments: where, how many directories, files in all."""

from __future__ import annotations

import os
import sys

directories, files = map(int, sys.argv[2:])
for d in range(directories):
    at = f"{sys.argv[1]}/{d % 100}/{d}"
    os.makedirs(at)
    for f in range(files // directories):
        os.mknod(f"{at}/{f}")
