"""Importing root filesystem tars, plain or compressed by gzip, xz, bzip2 or zstd."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper.unpack import Unpacked, remarks, unpack
from plashui.model.forest import EMPTY_IMAGE
from plashui.operations.build import commit
from plashui.store.atomic_write import new_directory
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.store import Store
from plashui.store.workdir import WorkDir, workdir
from plashui.transfer import compression
from plashui.transfer.compression import MAGIC_BYTES
from plashui.transfer.files import opened

if TYPE_CHECKING:
    from typing import IO, Any, BinaryIO, Final

_CHUNK: Final = 1 << 20


class Imported(NamedTuple):
    """The new image, and the numbers of device nodes and attributes left out.

    `owners` counts files whose owners are kept as an attribute; `said` is what else a
    person should know.
    """

    id: int
    skipped_devices: int
    lost: int = 0
    owners: int = 0
    said: tuple[str, ...] = ()

    def remarks(self) -> list[str]:
        """Return what was left out, for people."""
        return [*self.said, *remarks(self.skipped_devices, self.lost, self.owners)]


def import_tar(
    store: Store,
    source: BinaryIO | Path,
    *,
    origin: str = "",
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Imported:
    """Make an image of a root filesystem tar, from a file or a stream.

    Device nodes that the user may not make are left out and counted. An incomplete or
    damaged tar makes no image. Raises NameTaken if another image has the name.
    """
    name.check(store)
    with contextlib.ExitStack() as stack:
        if isinstance(source, Path):
            origin = origin or source.name
            source = stack.enter_context(opened(source))
        work = stack.enter_context(workdir(store))
        data = stack.enter_context(empty_layer(work))
        meter = _Meter(source, report, f"importing {origin or 'a tar'}")
        magic, stream = _peek(source)
        opener = compression.opener(magic)
        if opener is None and stream is source and _is_file(source):
            # tar reads the file itself and shares its offset with us.
            done = unpack(
                data, source, on_tick=meter.tick, lock=work.lock, cancel=cancel
            )
        else:
            counting = _Counting(stream, meter, cancel)

            def feed(pipe: IO[bytes]) -> None:
                _pour(opener, counting, pipe)

            done = unpack(data, feed, on_tick=meter.tick, lock=work.lock, cancel=cancel)
        meter.tick()
        return make_image(store, work, done, origin or "tar", name, cancel)


@contextlib.contextmanager
def empty_layer(work: WorkDir) -> Iterator[int]:
    """Make and open the directory for a new image's files in a work directory."""
    with contextlib.ExitStack() as stack:
        holder = work.lock
        if holder is None:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            holder = os.open(work.path, flags)
            stack.callback(os.close, holder)
        yield stack.enter_context(new_directory("data", holder))


def make_image(
    store: Store,
    work: WorkDir,
    done: Unpacked,
    origin: str,
    name: NewName,
    cancel: Cancel | None,
    *,
    config: object = None,
) -> Imported:
    """Make the unpacked files an image without a parent, with an OCI config if any."""
    if cancel is not None:
        cancel.check()
    skipped = done.skipped_devices
    more = {"skipped_devices": skipped} if skipped else {}
    image = commit(store, EMPTY_IMAGE, work, origin, config=config, more=more)
    name.give(store, image)
    return Imported(image, skipped, done.lost, done.owners)


def _is_file(source: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(source.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _peek(source: BinaryIO) -> tuple[bytes, BinaryIO]:
    """Return the first bytes of a source, and a stream that still contains them."""
    if _is_file(source):
        at = os.lseek(source.fileno(), 0, os.SEEK_CUR)
        return os.pread(source.fileno(), MAGIC_BYTES, at), source
    magic = b""
    while len(magic) < MAGIC_BYTES:
        more = source.read(MAGIC_BYTES - len(magic))
        if not more:
            break
        magic += more
    return magic, _Rejoined(magic, source)  # type: ignore[return-value]


class _Rejoined(io.RawIOBase):
    """A stream of bytes already read, followed by the rest of their source."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(data) :] if self._head else b""
        buffer[: len(data)] = data
        return len(data)


class _Meter:
    """Reports how much of a source has been read."""

    def __init__(self, source: BinaryIO, report: Report, what: str) -> None:
        self.report, self.what = report, what
        self.total: int | None = None
        self.read = 0
        self._file: int | None = None
        if _is_file(source):
            self._file = source.fileno()
            self.total = os.fstat(self._file).st_size

    def tick(self) -> None:
        done = self.read
        if self._file is not None:
            with contextlib.suppress(OSError):
                done = os.lseek(self._file, 0, os.SEEK_CUR)
        self.report(Progress(self.what, done, self.total, "bytes"))


class _Counting(io.RawIOBase):
    """A stream that counts the bytes read from it and can be cancelled."""

    def __init__(self, source: BinaryIO, meter: _Meter, cancel: Cancel | None) -> None:
        self._source, self._meter, self._cancel = source, meter, cancel

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._cancel is not None:
            self._cancel.check()
        data = self._source.read(len(buffer)) or b""
        buffer[: len(data)] = data
        self._meter.read += len(data)
        return len(data)


def _pour(
    opener: compression.Opener | None, source: io.RawIOBase, pipe: IO[bytes]
) -> None:
    """Decompress the source into the pipe."""
    buffered: IO[bytes] = io.BufferedReader(source, _CHUNK)
    if opener is None:
        while data := buffered.read(_CHUNK):
            pipe.write(data)
        return
    for data in compression.pieces(opener(buffered), _CHUNK):
        pipe.write(data)
