"""The way into the app. Imports nothing of Textual before `run` is called."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plashui.core.errors import PlashError
from plashui.core.forest import Forest
from plashui.core.store import Store


class FirstRead(threading.Thread):
    """Reads the store while Textual is being imported."""

    def __init__(self, store: Store) -> None:
        """Start reading at once."""
        super().__init__(name="first read", daemon=True)
        self._store = store
        self._forest = Forest({})
        self._trouble: Exception | None = None
        self.start()

    def run(self) -> None:
        """Read; trouble is kept for `result`."""
        try:
            forest = self._store.read()
            forest.total()
            self._forest = forest
        except (PlashError, OSError) as error:
            self._trouble = error

    def result(self) -> Forest:
        """Wait for it; raises what reading raised."""
        self.join()
        if self._trouble is not None:
            raise self._trouble
        return self._forest


def run(
    store: Store,
    *,
    read_only: bool = False,
    farewell: Callable[[], None] | None = None,
) -> int:
    """Show the app on this terminal until the user leaves; the exit status.

    `farewell` is called when the terminal is free again.
    """
    first = FirstRead(store)
    with _no_collections():
        from plashui.ui.application import PlashuiApp

        app = PlashuiApp(store, read_only=read_only, first=first)
    app.run()
    if farewell is not None:
        farewell()
    return app.return_code or 0


@contextmanager
def _no_collections() -> Iterator[None]:
    """No garbage is looked for while modules load: there is none, and it costs."""
    gc.disable()
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            gc.freeze()
        gc.enable()
