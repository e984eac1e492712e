"""Run plashui with the words; print every module that is loaded at its end."""

from __future__ import annotations

import atexit
import sys

from plashui.cli import main

atexit.register(lambda: print(*sys.modules, file=sys.stderr))
sys.exit(main())
