"""Opening the files that tars are read from and written to."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store.atomic_write import file_beside, nameless_file, place_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, Final

_STANDARD: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_INHERITED: Final = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")
FREE_SPACE: Final = "Free some space there, or choose another place"


def inherited(path: str | Path) -> int | None:
    """Return the descriptor that a path like /dev/fd/3 or /dev/stdout stands for.

    Shells pass such paths for process substitution: `<(CMD)`. None for other paths.
    """
    found = _INHERITED.fullmatch(str(path))
    return int(found[1]) if found else _STANDARD.get(str(path))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading; raise PlashError if that fails."""
    number = inherited(path)
    try:
        file = open(  # noqa: SIM115 - errors from the block must pass
            path if number is None else os.dup(number), "rb", buffering=0
        )
    except OSError as error:
        raise PlashError(f"cannot read {path}: {error.strerror}") from error
    with file:
        if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
            raise PlashError(f"cannot read {path}: it is a directory")
        yield file


@contextlib.contextmanager
def whole(path: Path, *, nameless: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing; it gets its name when the block succeeds.

    With `nameless` it has none before, if that can be; see nameless_file.
    Pipes, devices and inherited descriptors are written to directly.
    """
    try:
        number = inherited(path)
        place = path if number is not None else place_of(path)
        if number is not None:
            with open(os.dup(number), "wb") as file:
                yield file
        elif place.exists() and not place.is_file():
            with place.open("wb") as file:  # fails for a directory
                yield file
        else:
            with (nameless_file if nameless else file_beside)(place) as file:
                yield file
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> Exception:
    """Return the error for a failed write; a BrokenPipeError itself."""
    if isinstance(error, BrokenPipeError):
        return error
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return PlashError(
        f"cannot write {path}: {error.strerror}", FREE_SPACE if full else ""
    )


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write all of some bytes to a file in the store that has no buffer."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise PlashError(f"cannot write to the store: {error.strerror}") from error
