"""The entry point of `plashui`, run as this file (`python -S`) or by `python -m`."""

import gc
import os
import sys

# Verbs end before a garbage collection pays off; imports get a tenth faster.
gc.set_threshold(50_000)

if sys.flags.no_site:
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    from plashui import elsewhere

    sys.meta_path.append(elsewhere.Elsewhere)

from plashui.cli import end, main  # noqa: E402 - after the settings above

end(main())
