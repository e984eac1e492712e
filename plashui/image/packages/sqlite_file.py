"""Reading a table of an SQLite file that a stranger made, in memory only."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.image.packages.reading import MOST

if TYPE_CHECKING:
    from typing import Final

_MAGIC: Final = b"SQLite format 3\0"
_JOURNAL: Final = slice(18, 20)
"""In the header: versions for writing and reading; 2 is with a WAL, 1 without."""
_PATIENCE: Final = 20.0
_STEPS: Final = 100_000  # of SQLite's machine, between two looks at the time


def blobs(
    data: bytes, wal: bytes, table: str, column: str, cancel: Cancel | None = None
) -> Iterator[bytes]:
    """Yield the blobs in a column of a table; raise PlashError if it is damaged.

    `wal` is the file of changes beside it, which may be empty. Only that table is read:
    views, triggers and functions of the file do nothing.
    """
    import sqlite3  # few images have a database of this kind

    if not data.startswith(_MAGIC):
        raise PlashError("cannot read the database: it is not one of SQLite")
    whole = bytearray(_with_changes(data, wal))
    whole[_JOURNAL] = b"\1\1"
    end = time.monotonic() + _PATIENCE

    def stops() -> int:
        return time.monotonic() > end or (cancel is not None and cancel.is_set())

    def allowed(action: int, first: str | None, *_more: str | None) -> int:
        ours = action == sqlite3.SQLITE_READ and first == table
        fine = ours or action == sqlite3.SQLITE_SELECT
        return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY

    try:
        connection = sqlite3.connect(":memory:")
        try:
            connection.deserialize(bytes(whole))
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST)
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            connection.set_progress_handler(stops, _STEPS)
            connection.set_authorizer(allowed)
            for (blob,) in connection.execute(f"SELECT [{column}] FROM [{table}]"):  # noqa: S608
                if isinstance(blob, bytes):
                    yield blob
        finally:
            connection.close()
    except (sqlite3.Error, MemoryError) as error:
        if cancel is not None:
            cancel.check()
        raise PlashError(f"cannot read the database: {error}") from error


def _with_changes(data: bytes, wal: bytes) -> bytes:
    """Return the file with the pages of complete transactions in its WAL.

    See "The WAL-Mode File Format" of SQLite. Frames of an earlier round have another
    salt and end it; their checksums are not looked at.
    """
    if len(wal) < 32:
        return data
    size, salt = struct.unpack_from(">I", wal, 8)[0], wal[16:24]
    if size not in (1 << n for n in range(9, 17)):
        raise PlashError("cannot read the database: its WAL is damaged")
    waiting, pages, end = dict[int, int](), dict[int, int](), len(data)
    for at in range(32, len(wal) - size - 23, 24 + size):
        number, after = struct.unpack_from(">II", wal, at)
        if wal[at + 8 : at + 16] != salt:
            break
        if not (0 < number <= MOST // size and after <= MOST // size):
            raise PlashError("cannot read the database: its WAL is damaged")
        waiting[number] = at + 24
        if after:  # the end of a transaction: the file has so many pages
            pages.update(waiting)
            waiting.clear()
            end = after * size
    whole = bytearray(data[:end].ljust(end, b"\0"))
    for number, at in pages.items():
        if number * size <= end:
            whole[(number - 1) * size : number * size] = wal[at : at + size]
    return bytes(whole)
