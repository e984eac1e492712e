"""Print path, mode and content of all below the working directory."""

from __future__ import annotations

import os

for directory, names, files in os.walk("."):
    for name in names + files:
        path = os.path.join(directory, name)
        what = "a directory"
        if name in files:
            with open(path) as file:
                what = file.read()
        print(path, oct(os.stat(path).st_mode & 0o777), what)
