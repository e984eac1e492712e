"""Fetching one layer: its bytes flow from the source into files, checked on the way.

    source -> sha256 (digest) -> decompressed -> sha256 (diff_id) -> extractor

Neither a whole layer nor a whole file of it is ever in memory. The layer lies in a work
directory, where nobody sees it, until both digests and the size are right.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.units import size
from plashui.helper.unpack import Unpacked, unpack_layer
from plashui.store.atomic_write import new_directory
from plashui.store.metadata import META
from plashui.store.oci import kept_blobs, kept_layers
from plashui.store.workdir import WorkDir, workdir
from plashui.transfer import compression
from plashui.transfer.compression import MAGIC_BYTES
from plashui.transfer.oci import blob
from plashui.transfer.oci.config import Layer
from plashui.transfer.oci.source import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO, Final

    from plashui.store.store import Store
    from plashui.transfer.oci.source import Source

_CHUNK: Final = 1 << 18


class Room:
    """The bytes that all layers of a pull may have when decompressed."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._left = most
        self._lock = threading.Lock()

    def take(self, amount: int) -> None:
        """Use some of it up; raise PlashError if there is not as much."""
        with self._lock:
            self._left -= amount
            if self._left >= 0:
                return
        raise PlashError(
            f"the image is larger than {size(self.most)} when decompressed",
            "It does not fit, or is a bomb. --max-size SIZE sets another limit",
        )


class Tally:
    """How much of a layer has come; written by its thread, read by others."""

    def __init__(self) -> None:
        self.done = 0

    def to(self, source: blob.Blob) -> None:
        """Note how far a blob has been read."""
        self.done = source.done


class Damaged(PlashError):
    """A layer is not what its digests say."""


class Fetch(NamedTuple):
    """What all layers of one pull have in common."""

    store: Store
    source: Source
    room: Room
    cancel: Cancel
    keep_blobs: bool = False

    def layer(self, layer: Layer, tally: Tally) -> Unpacked:
        """Fetch, check and keep a layer.

        One that an earlier try has begun is begun anew if what was kept of it turns out
        to be wrong, for example after a power failure.
        """
        while True:
            with (
                workdir(self.store) as work,
                blob.opened(self.store, self.source, layer.blob, self.cancel) as source,
            ):
                draft = work.path / "blob"
                try:
                    with self._copied(source, draft):
                        done = self._extract(layer, source, work, tally)
                except Damaged:
                    source.forget()
                    if source.resumed:
                        continue
                    raise
                if draft.exists():
                    kept_blobs.keep(self.store, draft, layer.blob.digest)
                # Before what is kept of the blob goes: a kill may come in between.
                kept_layers.keep(work, layer.chain_id)
                return done

    @contextlib.contextmanager
    def _copied(self, source: blob.Blob, draft: Path) -> Iterator[None]:
        """Write what is read in the block to a file, if it is to be kept."""
        if self.keep_blobs and not source.is_kept:
            with open(draft, "xb", buffering=0) as source.copy:
                yield
        else:
            yield

    def _extract(
        self, layer: Layer, source: blob.Blob, work: WorkDir, tally: Tally
    ) -> Unpacked:
        told = hashlib.sha256()

        def feed(pipe: IO[bytes]) -> None:
            # Kept, since it would close the source when it is thrown away.
            buffered = io.BufferedReader(source, _CHUNK)
            self._pour(layer, buffered, pipe, told, lambda: tally.to(source))
            source.drain()
            _check(layer, source, told.hexdigest())

        assert work.lock is not None  # noqa: S101 - workdir locks what it makes
        with contextlib.ExitStack() as stack:
            data = stack.enter_context(new_directory("data", work.lock))
            notes = stack.enter_context(new_directory(META, work.lock, mode=0o711))
            return unpack_layer(
                data,
                notes,
                feed,
                cancel=self.cancel,
                lock=work.lock,
                lasts=self.store.lasts,
            )

    def _pour(
        self,
        layer: Layer,
        source: io.BufferedReader[blob.Blob],
        pipe: IO[bytes],
        told: hashlib._Hash,
        tick: Callable[[], None],
    ) -> None:
        """Decompress the layer into the pipe."""
        reader, errors = _opened(source)
        failures: tuple[type[Exception], ...] = (OSError, *errors)
        while True:
            try:
                data = reader.read(_CHUNK)
            except failures as error:
                raise Damaged(
                    f"the layer {short(layer.blob.digest)} is damaged: {error}"
                ) from error
            if not data:
                return
            self.room.take(len(data))
            told.update(data)
            tick()
            pipe.write(data)


def _opened(buffered: io.BufferedReader[blob.Blob]) -> compression.Opened:
    """Return what decompresses a stream, by its first bytes."""
    opener = compression.opener(buffered.peek(MAGIC_BYTES)[:MAGIC_BYTES])
    if opener is None:
        return compression.Opened(buffered, ())
    return opener(buffered)


def _check(layer: Layer, source: blob.Blob, diff_id: str) -> None:
    """Raise Damaged unless the layer is what both of its digests say."""
    try:
        source.check()
    except PlashError as error:
        raise Damaged(str(error.args[0]), error.remedy) from error
    if f"sha256:{diff_id}" != layer.diff_id:
        raise Damaged(
            f"the layer {short(layer.blob.digest)} is not what the image's config says:"
            f" when decompressed it has the digest {diff_id}"
        )
