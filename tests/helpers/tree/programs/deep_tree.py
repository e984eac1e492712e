"""Make a chain of directories with a file in each, far beyond PATH_MAX.

Arguments: where, how deep, and a word if each has an empty directory besides.
"""

from __future__ import annotations

import os
import sys

os.chdir(sys.argv[1])
for _n in range(int(sys.argv[2])):
    os.mkdir("d" * 20)
    if sys.argv[3]:
        os.mkdir("e")
    open("f", "w").close()
    os.chdir("d" * 20)
