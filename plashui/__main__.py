"""What `plashui` starts: this file itself (`python -S`), or `python -m plashui`."""

import gc
import os
import sys

# A verb is over before there is garbage worth a search; importing is a tenth faster.
gc.set_threshold(50_000)

if sys.flags.no_site:
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    from plashui import elsewhere

    sys.meta_path.append(elsewhere.Elsewhere)

from plashui.cli import end, main  # noqa: E402 - it is that which takes long

end(main())
