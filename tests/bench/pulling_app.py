"""The app while it pulls all images that are named in the arguments.

Started by bench_pull in a terminal of its own; the store is that of $PLASH_DATA.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plashui.store.store import Store
from plashui.ui import application
from plashui.ui.application import PlashuiApp
from plashui.ui.model.sources.table import importing
from plashui.ui.screens.main import MainScreen


class Pulling(PlashuiApp):
    """Begins to pull at once."""

    CSS_PATH = str(Path(application.__file__).with_name("app.tcss"))

    def on_ready(self) -> None:
        """Start the jobs."""
        screen = self.screen
        assert isinstance(screen, MainScreen)
        for image in sys.argv[1:]:
            values = {"source": "oci", "image": image, "platform": "", "name": ""}
            screen.parts.jobs.start(f"Import {image}", importing(self.store, values))


if __name__ == "__main__":
    Pulling(Store.locate()).run()
