"""Load a configuration; print whether that imported tomlkit."""

from __future__ import annotations

import sys

from plashui.settings.config import load

load(sys.argv[1])
print("tomlkit" in sys.modules)
