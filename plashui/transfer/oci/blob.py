"""A blob on its way: fetched again where it was cut off, counted and hashed.

What a pull that was killed has to fetch again is at most one piece, 64 MiB, of each
layer. A layer cannot be extracted from its middle on, since the state of the
decompressor is lost with the process. So its compressed bytes are needed once more from
the first on, and what must not be fetched twice has to be on the disk. Most layers are
smaller than a piece: of those nothing is written, and one that was killed comes again.
Of a larger one the bytes behind the `FIRST` are written to `downloads/` as they come,
and are removed when the layer is complete. After a cut, cancel or kill the first bytes
are fetched again, the next are read from there, and the rest is asked for by a range.
So a fast connection writes next to nothing beside the layers, and a slow one loses next
to nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.store.oci import kept_blobs
from plashui.store.partial_downloads import partial
from plashui.transfer.files import write_all
from plashui.transfer.oci.manifest import Descriptor
from plashui.transfer.oci.source import check
from plashui.transfer.registry.errors import CutOff

if TYPE_CHECKING:
    from typing import Any, BinaryIO, Final

    from plashui.store.partial_downloads import Part
    from plashui.store.store import Store
    from plashui.transfer.oci.source import Fetched, Source, Stream

FIRST: Final = 63 << 20
"""The bytes of a blob that are never kept; what is on its way makes it a piece."""
WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds to wait before each further try without progress."""


class Blob(io.RawIOBase):
    """The bytes of a blob, in order, whatever happens to the connection.

    Not more than its descriptor says are read, whatever the source would send.
    """

    def __init__(
        self, source: Source, blob: Descriptor, part: Part | None, cancel: Cancel
    ) -> None:
        self.blob = blob
        self._source, self._part, self._cancel = source, part, cancel
        self._stream: Stream | None = None
        self._hash = hashlib.sha256()
        self._at = 0
        self._most = 0
        self._tries = 0
        self.fetched = 0
        """The bytes that came from the source; the others were on the disk."""
        self.is_kept = False
        """Whether it comes from those that the store keeps."""
        self.copy: BinaryIO | None = None
        """Where all that is read is written, too."""
        self.resumed = bool(part and part.size)
        """Whether bytes of an earlier try are used."""

    @property
    def done(self) -> int:
        """The bytes read."""
        return self._at

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes, from the disk or from the source."""
        self._cancel.check()
        left = self.blob.size - self._at
        view = memoryview(buffer)[:left] if left < len(buffer) else memoryview(buffer)
        data = self._kept(len(view)) if view else b""
        if view and not data:
            data = self._fetched(len(view))
        view[: len(data)] = data
        self._hash.update(data)
        if self.copy is not None:
            write_all(self.copy, data)
        self._at += len(data)
        return len(data)

    def drain(self) -> None:
        """Read to the end."""
        while self.read(1 << 18):
            pass

    def forget(self) -> None:
        """Let nothing be kept of it, whatever happens next."""
        if self._part is not None:
            self._part.whole = True

    def check(self) -> None:
        """Raise PlashError unless the size and the digest are right."""
        check("layer", self.blob, self._at, self._hash.hexdigest())

    def close(self) -> None:
        """Close the connection."""
        self._hang_up()
        super().close()

    def _kept(self, most: int) -> bytes:
        """Return bytes at this offset that an earlier try has kept."""
        part, at = self._part, self._at - FIRST
        if part is None or at < 0 or at >= part.size:
            return b""
        self._hang_up()  # of the first bytes
        part.file.seek(at)
        return part.file.read(most)

    def _fetched(self, most: int) -> bytes:
        if self.resumed and self._at < FIRST:
            most = min(most, FIRST - self._at)
        while True:
            try:
                if self._stream is None:
                    self._open()
                data = self._stream.read(most) if self._stream else b""
                if not data:
                    raise CutOff(f"the layer is cut off after {self._at} bytes")
                break
            except CutOff as cut:
                self._hang_up()
                self._wait(cut)
            except (OSError, ValueError, AttributeError):
                self._cancel.check()  # which may have closed the stream
                raise
        self.fetched += len(data)
        if self._part is not None and self._at + len(data) > FIRST:
            self._write(data[max(0, FIRST - self._at) :])
        return data

    def _open(self) -> None:
        self._stream = self._source.blob(self.blob.digest, self.blob.size, self._at)
        self._cancel.on_cancel(self._hang_up)

    def _wait(self, cut: CutOff) -> None:
        """Wait before another try; raise the error after too many without progress."""
        self._cancel.check()
        if self._at > self._most:
            self._most, self._tries = self._at, 0
        elif self._tries == len(WAITS):
            raise cut
        self._cancel.wait(WAITS[self._tries])
        self._tries += 1

    def _write(self, data: bytes) -> None:
        """Keep bytes for the next try."""
        assert self._part is not None  # noqa: S101 - see _fetched
        self._part.file.seek(0, io.SEEK_END)
        write_all(self._part.file, data)

    def _hang_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            self._cancel.forget(self._hang_up)
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                stream.close()


class _Kept(Blob):
    """A blob that is read from those that the store keeps."""

    def __init__(
        self, store: Store, file: BinaryIO, blob: Descriptor, cancel: Cancel
    ) -> None:
        super().__init__(_OnDisk(file), blob, None, cancel)
        self._store = store
        self.is_kept = self.resumed = True

    def forget(self) -> None:
        """Keep it no longer."""
        kept_blobs.drop(self._store, self.blob.digest)


class _OnDisk:
    """The source of a blob that is a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def manifest(self, reference: str, /) -> Fetched:
        """Do not: there are only blobs."""
        raise NotImplementedError(reference)

    def blob(self, _digest: str, _size: int, start: int = 0, /) -> Stream:
        """Return the file, at an offset."""
        self._file.seek(start)
        return self._file


@contextlib.contextmanager
def opened(
    store: Store, source: Source, blob: Descriptor, cancel: Cancel
) -> Iterator[Blob]:
    """Open a blob of a source; what is kept of it lies in the store for the block.

    One that the store keeps whole is read from there.
    """
    with contextlib.ExitStack() as stack:
        file = kept_blobs.opened(store, blob.digest, blob.size)
        if file is not None:
            kept = _Kept(store, stack.enter_context(file), blob, cancel)
            stack.callback(kept.close)
            yield kept
            return
        part = None
        if blob.size > FIRST:
            part = stack.enter_context(partial(store, f"blob {blob.digest}"))
            if part.validator != str(FIRST):  # kept with another size of the piece
                part.restart(str(FIRST), blob.size)
        reader = Blob(source, blob, part, cancel)
        stack.callback(reader.close)
        yield reader
