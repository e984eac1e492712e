"""What `plashui` starts: `python -m plashui`."""

import gc
import sys

# A verb is over before there is garbage worth a search; importing is a tenth faster.
gc.set_threshold(50_000)

from plashui.cli import main  # noqa: E402 - it is that which takes long

sys.exit(main())
