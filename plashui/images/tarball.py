"""Root filesystem tars become images: none, gzip, xz, bzip2 or zstd, by content."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, NamedTuple

from plashui.core import helper, subids
from plashui.core.build import commit
from plashui.core.errors import PlashError
from plashui.core.forest import EMPTY_IMAGE
from plashui.core.progress import Cancel, Progress, Report, silent
from plashui.core.store import Store
from plashui.core.subids import Owners
from plashui.images import compression
from plashui.images.compression import MAGIC_BYTES

_CHUNK: Final = 1 << 20

# GNU tar in LC_ALL=C says `tar: ./dev/null: Cannot mknod: Operation not permitted`.
_NO_DEVICE: Final = re.compile(r".*: Cannot mknod: Operation not permitted")
_NO_OWNER: Final = re.compile(
    r"(.*): Cannot change ownership to uid (\d+), gid (\d+): Invalid argument"
)
_AT_THE_END: Final = "Exiting with failure status due to previous errors"
_SPEAKER: Final = re.compile(r"^(/\S*/)?tar: ")


class Imported(NamedTuple):
    """The new image, and how many device nodes were left out."""

    id: int
    skipped_devices: int


def import_tar(
    store: Store,
    source: BinaryIO | Path,
    *,
    origin: str = "",
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Imported:
    """Make an image of a root filesystem tar, from a file or a stream.

    Device nodes the user may not make are left out and counted. A tar that is cut
    off or damaged makes no image.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(source, Path):
            origin = origin or source.name
            source = stack.enter_context(_opened(source))
        work = stack.enter_context(store.workdir())
        data = work.path / "data"
        data.mkdir(mode=0o755)
        data.chmod(0o755)
        meter = _Meter(source, report, f"importing {origin or 'a tar'}")
        words = ["engine:extract", str(data)]
        magic, stream = _peek(source)
        opener = compression.opener(magic)
        if opener is None and stream is source and _is_file(source):
            # tar reads the file itself; its place in it is ours too.
            outcome = helper.call(
                words, stdin=source, on_tick=meter.tick, cancel=cancel
            )
        else:
            counting = _Counting(stream, meter, cancel)

            def feed(pipe: IO[bytes]) -> None:
                _pour(opener, counting, pipe)

            outcome = helper.call(words, feed=feed, on_tick=meter.tick, cancel=cancel)
        skipped = _judge(outcome)
        meter.tick()
        if cancel is not None:
            cancel.check()
        more = {"skipped_devices": skipped} if skipped else {}
        image = commit(store, EMPTY_IMAGE, work, origin or "tar", **more)
        return Imported(image, skipped)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise PlashError(f"cannot read {path}: {error.strerror}") from error
    with file:
        if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
            raise PlashError(f"cannot read {path}: it is a directory")
        yield file


def _is_file(source: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(source.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _peek(source: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes, and a stream that still has them."""
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
    """Bytes already read, then the rest of the stream they were read from."""

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
    """Reports how far a source was read."""

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
    """A stream that counts what is read from it and stops when asked to."""

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
    """Copy the source, decompressed, into the pipe."""
    buffered: IO[bytes] = io.BufferedReader(source, _CHUNK)
    if opener is None:
        shutil.copyfileobj(buffered, pipe, _CHUNK)
        return
    reader, errors = opener(buffered)
    failures: tuple[type[Exception], ...] = (OSError, *errors)
    while True:
        try:
            data = reader.read(_CHUNK)
        except failures as error:
            raise PlashError(f"the archive is damaged: {error}") from error
        if not data:
            return
        pipe.write(data)


def _judge(outcome: helper.Outcome) -> int:
    """How many device nodes tar left out; any other complaint of its is an error."""
    skipped = 0
    trouble: list[str] = []
    for line in outcome.stderr.splitlines():
        said = _SPEAKER.sub("", line)
        if _NO_DEVICE.fullmatch(said):
            skipped += 1
        elif said.strip() and said != _AT_THE_END:
            trouble.append(said)
    if outcome.status == 0:
        return skipped
    if outcome.status == 2 and skipped and not trouble:
        return skipped
    errors = [line for line in trouble if "WARNING" not in line] or trouble
    if not errors or errors[-1].startswith("plash error: "):
        raise helper.failure(outcome, "extracting")
    owners = [found for line in errors if (found := _NO_OWNER.fullmatch(line))]
    if owners:
        raise _beyond(owners)
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise PlashError(f"cannot extract the tar: {first}{more}", _remedy(errors))


def _beyond(complaints: list[re.Match[str]]) -> PlashError:
    """The error for files of ids that we have not: the first, and what helps all."""
    ours = subids.mapped()
    path, *_ids = complaints[0].groups()
    all_owners = [Owners(int(c[2]), int(c[3])) for c in complaints]
    owner, most = all_owners[0], Owners(*map(max, zip(*all_owners, strict=True)))
    parts = [
        f"{kind} id {number}, beyond the {count:,} you have"
        for kind, number, count in zip(("user", "group"), owner, ours, strict=True)
        if number >= count
    ]
    who = " and ".join(parts) or f"user id {owner.user} and group id {owner.group}"
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    sentence = f"cannot extract the tar: {path} belongs to {who}{more}"
    return PlashError(sentence, subids.more(most, ours, uid=os.getuid()))


def _remedy(errors: list[str]) -> str:
    text = "\n".join(errors)
    if "does not look like a tar" in text:
        return "Give a tar of a root filesystem, plain or compressed"
    if "Unexpected EOF" in text:
        return "The archive is cut off: get it again"
    if "No space left" in text:
        return "Free some space: `plashui trash --empty` and `plashui df` help"
    return ""
