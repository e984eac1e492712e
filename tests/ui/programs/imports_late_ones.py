"""Import the app; print which of the modules that are named its import brought along.

What Textual itself imports is not counted.
"""

from __future__ import annotations

import sys
from importlib import import_module

import_module("textual.app")
before = set(sys.modules)
import_module("plashui.ui.application")
print([m for m in sys.argv[1:] if m in set(sys.modules) - before])
