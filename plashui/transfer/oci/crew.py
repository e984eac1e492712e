"""Threads that fetch the layers of an image side by side."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from plashui.base.errors import Cancelled
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, LayerProgress
from plashui.base.units import plural
from plashui.helper.unpack import Unpacked, remarks
from plashui.transfer.oci.layer import Fetch, Tally

if TYPE_CHECKING:
    from typing import Final, Self

    from plashui.transfer.oci.config import Layer

_TICK: Final = 0.1  # seconds between reports
_PATIENCE: Final = 10.0  # seconds a thread has to end


class Crew:
    """Fetches layers for the block; at its end, what is left is ended.

    The largest is the first, so that none is left to come alone. The first error ends
    all others. What is complete by then is kept.
    """

    def __init__(
        self, fetch: Fetch, layers: Sequence[Layer], jobs: int, cancel: Cancel | None
    ) -> None:
        self._fetch, self._jobs, self._outer = fetch, jobs, cancel
        self._todo: queue.SimpleQueue[Layer] = queue.SimpleQueue()
        self._change = threading.Condition()
        self._tallies: dict[str, Tally] = {}
        self._coming: set[str] = set()
        self._unpacked: list[Unpacked] = []
        self._trouble: BaseException | None = None
        self._threads: list[threading.Thread] = []
        for layer in sorted(layers, key=lambda layer: -layer.blob.size):
            self._put(layer)

    def __enter__(self) -> Self:
        """Begin."""
        if self._outer is not None:
            self._outer.on_cancel(self._fetch.cancel.set)
        try:
            for _job in range(max(1, min(self._jobs, len(self._coming)))):
                self._start()
        except BaseException:  # a signal: the first threads are at work already
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """End what has not ended."""
        self._fetch.cancel.set()
        if self._outer is not None:
            self._outer.forget(self._fetch.cancel.set)
        for thread in self._threads:
            with suppress(RuntimeError):  # it has not begun yet, and will do nothing
                thread.join(_PATIENCE)

    def wait(self, layer: Layer, tick: Callable[[], None]) -> None:
        """Wait until a layer is complete; raise the first error of any."""
        while True:
            with self._change:
                if self._trouble is not None:
                    break
                if layer.chain_id not in self._coming:
                    return
                self._change.wait(_TICK)
            tick()
        if self._outer is not None:
            self._outer.check()
        raise self._trouble

    def again(self, layer: Layer) -> None:
        """Fetch a layer that is not there any more."""
        self._put(layer)
        self._start()

    def done(self) -> int:
        """Return how many bytes of all layers have come."""
        return sum(tally.done for tally in list(self._tallies.values()))

    def progress(self, layer: Layer) -> LayerProgress:
        """Return how far a layer is; one that is not to be fetched is complete."""
        total, tally = layer.blob.size, self._tallies.get(layer.chain_id)
        if tally is None:
            return LayerProgress(total, total, True)
        return LayerProgress(tally.done, total, layer.chain_id not in self._coming)

    def remarks(self) -> list[str]:
        """Return what could not be extracted faithfully, for people."""
        found = self._unpacked
        said = remarks(
            sum(one.skipped_devices for one in found), sum(one.lost for one in found)
        )
        owners = sum(one.owners for one in found)
        if owners:
            said.append(
                f"{plural(owners, 'file')} of other owners belong to you; an attribute"
                " keeps the owners, and exports give them back"
            )
        return said

    def _put(self, layer: Layer) -> None:
        self._tallies[layer.chain_id] = Tally()
        self._coming.add(layer.chain_id)
        self._todo.put(layer)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="layer", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while not self._fetch.cancel.is_set():
            try:
                layer = self._todo.get_nowait()
            except queue.Empty:
                return
            try:
                done = self._fetch.layer(layer, self._tallies[layer.chain_id])
            except BaseException as error:  # handed to the main thread
                self._fail(error)
                return
            with self._change:
                self._tallies[layer.chain_id].done = layer.blob.size
                self._unpacked.append(done)
                self._coming.discard(layer.chain_id)
                self._change.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._change:
            # Those that are ended by the first error say that they are cancelled.
            if self._trouble is None or isinstance(self._trouble, Cancelled):
                self._trouble = error
            self._change.notify_all()
        self._fetch.cancel.set()
