"""The entry point of the app. Imports nothing of Textual before `run` is called."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable

from plashui.base.errors import PlashError
from plashui.settings.config import Loaded
from plashui.store.store import Store


def run(
    store: Store,
    *,
    read_only: bool = False,
    loaded: Loaded | None = None,
    ascii_only: bool = False,
    farewell: Callable[[], None] | None = None,
) -> int:
    """Run the app on this terminal and return its exit status.

    `farewell` is called once the terminal is free again.
    """
    if read_only:
        os.environ["PLASH_READ_ONLY"] = "1"  # a run leaves no note of itself
    # A key waits so long for each turn of a thread that reads, counts or unpacks.
    sys.setswitchinterval(0.001)
    # No garbage is looked for until the first paint: there is none yet, and it costs.
    gc.disable()
    from plashui.ui.application import PlashuiApp

    app = PlashuiApp(store, read_only=read_only, loaded=loaded, ascii_only=ascii_only)
    from plashui.ui.platform.terminal import titled

    try:
        with titled(app.window_name()):
            app.run()
    finally:
        if app.guard is not None:
            app.guard.end()
    if farewell is not None:
        farewell()
    if app.disaster is not None:
        from plashui.base import log

        raise PlashError(log.sentence(app.disaster))
    return app.return_code or 0
