"""`python -m plashui`: the same program as `plashui`."""

import sys

from plashui.cli import main

sys.exit(main())
