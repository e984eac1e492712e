"""Small files in places that others can write to: metadata of images, caches.

A store can come from another machine or belong to another user: a metadata file may be
a link, a pipe, a device, or fill the disk. Reading never blocks, never follows a link
and never takes more than a few megabytes; writing never follows a link. Only the owner
can read what is written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

MOST: Final = 4 << 20
"""Bytes of a metadata file that are read; image configs are far smaller."""
_LAST: Final = 253_370_000_000
"""Epoch seconds in the year 9998; Python's datetime ends with 9999."""


def read_small(path: str | os.PathLike[str], most: int = MOST) -> bytes:
    """Return the bytes of a regular file; OSError if it is something else or bigger."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        if found.st_size > most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return os.read(descriptor, found.st_size + 1)
    finally:
        os.close(descriptor)


def write_small(
    path: str | os.PathLike[str],
    pieces: Iterable[bytes],
    *,
    durable: bool = True,
    draft: str = "",
) -> None:
    """Write a file under a temporary name and rename it: whole, or not at all.

    `durable`: flush it to the disk before the rename. `draft` is where a sweep finds
    what a killed process leaves, if it does not look beside the file. Raises OSError
    and leaves nothing behind if it cannot be written.
    """
    beside = f"{draft or os.fspath(path)}.{os.getpid()}.new"
    descriptor = _make(beside)
    try:
        with open(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            if durable:
                file.flush()
                os.fsync(descriptor)
        os.rename(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _make(path: str) -> int:
    """Create a file for writing, replacing the draft of a killed process."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, flags, 0o600)


def make_private(directory: str | os.PathLike[str], mode: int = 0o700) -> None:
    """Create a directory that only its owner may enter; leave an existing one alone."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory, mode)


PASSABLE: Final = 0o711
"""The mode of a directory that others can enter but not list.

In a store that is readable by others it hides the metadata of images, and still lets
the C program open the files that a run needs.
"""


def time_in(value: object) -> float | None:
    """Return epoch seconds from a metadata file; None if datetime cannot hold them."""
    if type(value) not in (int, float) or not 0 <= value <= _LAST:  # type: ignore[operator]
        return None
    return float(value)  # type: ignore[arg-type]
