"""Import a module; print the modules of Textual and Rich that came along."""

from __future__ import annotations

import sys
from importlib import import_module

import_module(sys.argv[1])

print([m for m in sys.modules if m.split(".")[0] in ("textual", "rich")])
