"""Copy the tree that is named to `copy` in the working directory."""

from __future__ import annotations

import sys
from pathlib import Path

from plashui.helper.as_root import copy_tree

copy_tree(Path(sys.argv[1]), Path("copy"))
