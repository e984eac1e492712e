"""Small files that anybody may have put there: notes on images, caches.

A store can come from elsewhere or belong to somebody else, and what is in the place of
a note may be a link, a pipe, a device, or as big as the disk. Reading one never waits,
never follows a link and never takes more than a few megabytes; writing one never goes
through a link. Others than its owner can read none of them.
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
"""Bytes of a note. No image's config comes near it."""
_LAST: Final = 253_370_000_000
"""Epoch seconds: in the year 9998. Calendars here end with the next one."""


def read_small(path: str | os.PathLike[str], most: int = MOST) -> bytes:
    """Return the bytes of a regular file; OSError if it is anything else, or bigger."""
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
    path: str | os.PathLike[str], pieces: Iterable[bytes], *, durable: bool = True
) -> None:
    """Write a file beside its place and rename it there: whole, or not at all.

    `durable`: it is on the disk when it gets its name. OSError if it cannot be done;
    nothing is left of it then.
    """
    beside = f"{os.fspath(path)}.{os.getpid()}.new"
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
    """Make a new file to write, in place of what one who was killed has left."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, flags, 0o600)


def make_private(directory: str | os.PathLike[str], mode: int = 0o700) -> None:
    """Make a directory that only its owner may look into, if it is missing.

    One that is there is left as its owner has set it.
    """
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory, mode)


PASSABLE: Final = 0o711
"""The mode of a directory in which others can only open what they can name.

A store that its owner has opened to others keeps its notes to itself that way, and the
helper finds there what it needs to run an image.
"""


def time_in(value: object) -> float | None:
    """The epoch seconds that a note tells; None for what no calendar has."""
    if type(value) not in (int, float) or not 0 <= value <= _LAST:  # type: ignore[operator]
        return None
    return float(value)  # type: ignore[arg-type]
