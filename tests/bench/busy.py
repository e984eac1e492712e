"""The app with four jobs that report often and sizes that arrive without an end.

Started by bench_app in a terminal of its own; the store is that of $PLASH_DATA.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from plashui.base.progress import Cancel, Progress, Report
from plashui.model.forest import Forest, Usage
from plashui.store import disk_usage as usage
from plashui.store.store import Store
from plashui.ui import application
from plashui.ui.application import PlashuiApp
from plashui.ui.model.jobs.job import Outcome
from plashui.ui.screens.main import MainScreen

JOBS: Final = 4
BATCH: Final = 500
TICK: Final = 0.1
BLOCK: Final = bytes(256 * 1024)


def arriving(
    _store: Store,
    forest: Forest,
    found: Callable[[Forest], None],
    *,
    first: Iterable[int] = (),
    cancel: Cancel,
) -> None:
    """Batches of sizes, ten a second, as a count tells of them; it has no end."""
    ids = [*first, *forest.images]
    start = size = 0
    while True:
        usage, images = Usage(size % 97 * 4096, 0, 1), forest.images
        batch = [images[i]._replace(own=usage) for i in ids[start : start + BATCH]]
        forest = forest.with_counted({image.id: image for image in batch})
        found(forest)
        start, size = (start + BATCH) % len(ids), size + 1
        cancel.wait(TICK)


def working(report: Report, cancel: Cancel) -> Outcome:
    """What an import does: blocks go by, are hashed, and are told of."""
    digest = hashlib.sha256()
    done = 0
    while True:
        digest.update(BLOCK)
        done += len(BLOCK)
        report(Progress("hashing", done, 1 << 40, "bytes"))
        cancel.wait(0.001)


class Busy(PlashuiApp):
    """Begins to work at once."""

    CSS_PATH = str(Path(application.__file__).with_name("app.tcss"))

    def on_ready(self) -> None:
        """Start the jobs."""
        screen = self.screen
        assert isinstance(screen, MainScreen)
        for number in range(JOBS):
            screen.parts.jobs.start(f"job {number + 1}", working)


if __name__ == "__main__":
    usage.measure = arriving  # type: ignore[assignment]
    Busy(Store.locate()).run()
