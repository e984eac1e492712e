"""Partial downloads, kept in the store until they are images.

`downloads/` holds for each a file `KEY.part` and the metadata to resume it in
`KEY.json`. They are on the disk that is meant for images. The writing process holds a
lock on its file. The next download removes abandoned ones after a week, `clean`
removes them at once.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store.metadata import read_json, write_json
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, Final

_WEEK: Final = 7 * 86400.0


class Part:
    """The bytes received of a file, and the version of the file they belong to.

    `validator` is the value for HTTP's If-Range, "" if the server sent none; `total`
    is the size of the file in bytes, None if the server did not send it. `changed` is
    when the server says that it was last changed, as HTTP has it.
    """

    def __init__(self, file: BinaryIO, notes: Path | None = None) -> None:
        """Wrap an open file; it can be resumed if `notes` names its metadata file."""
        self.file, self._notes = file, notes
        self.changed = ""
        self.whole = False
        """Whether the file is complete; errors then are not of the download."""
        known = read_json(notes) if notes else {}
        validator, total = known.get("validator"), known.get("total")
        self.validator = validator if isinstance(validator, str) else ""
        self.total = total if isinstance(total, int) else None

    @property
    def size(self) -> int:
        """The bytes received."""
        return os.fstat(self.file.fileno()).st_size

    def restart(self, validator: str = "", total: int | None = None) -> None:
        """Discard the bytes and start with another version of the file."""
        self.file.truncate(0)
        self.validator, self.total = validator, total
        if self._notes:
            notes = {"validator": validator, "total": total}
            write_json(self._notes, notes, durable=False)


@contextlib.contextmanager
def partial(store: Store, url: str) -> Iterator[Part]:
    """Open the partial download of a URL, new or from an earlier call.

    It is removed when the block ends, also with an error after the file was complete,
    because the next call would fail in the same way. It is kept if the download was
    interrupted, cancelled or killed.
    """
    store.create()
    place = store.path / "downloads"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        forget(store, older=_WEEK)
        import hashlib  # loads OpenSSL, which `clean` does not need

        key = hashlib.sha256(os.fsencode(url)).hexdigest()[:32]
        file, named = _opened(place, key)
    except OSError as error:
        raise PlashError(f"cannot write to the store: {error.strerror}") from error
    with file:
        part = Part(file, place / f"{key}.json" if named else None)
        keep = False
        try:
            yield part
        except Cancelled:
            keep = part.size > 0
            raise
        except PlashError:
            keep = part.size > 0 and not part.whole
            raise
        except BaseException:
            keep = part.size > 0
            raise
        finally:
            if not keep:
                _remove(place, key if named else "")


def _opened(place: Path, key: str) -> tuple[BinaryIO, bool]:
    """Open and lock the file of a key; a temporary file if another process has it."""
    while True:
        path = place / f"{key}.part"
        try:
            file: BinaryIO = os.fdopen(_open(path), "r+b", buffering=0)
        except FileNotFoundError:  # another download has ended, and was the last one
            place.mkdir(mode=0o700, exist_ok=True)
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                return file, True
        except BlockingIOError:
            file.close()
            import tempfile

            return tempfile.TemporaryFile(dir=place, buffering=0), False
        except FileNotFoundError:
            pass  # another process has just removed it
        file.close()


def _open(path: Path) -> int:
    """Open or create a regular file that belongs to this user and has one name.

    In a store that others can write to, the name may be a link to any file.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    else:
        facts = os.fstat(descriptor)
        regular = stat.S_ISREG(facts.st_mode) and facts.st_nlink <= 1
        if regular and facts.st_uid == os.geteuid():
            return descriptor
        os.close(descriptor)
    raise PlashError(
        f"cannot keep a download in {path}: it is not a regular file of yours",
        "Remove it, or use your own store",
    )


def _remove(place: Path, key: str) -> None:
    if key:
        for suffix in ("json", "part"):
            (place / f"{key}.{suffix}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        place.rmdir()


def forget(store: Store, *, older: float = 0) -> int:
    """Remove downloads not written for `older` seconds; return how many.

    Downloads that a process is writing are kept.
    """
    place = store.path / "downloads"
    count = 0
    for path in place.glob("*.part"):
        with contextlib.suppress(OSError):  # removed, locked, or another user's
            if path.lstat().st_mtime > time.time() - older:
                continue
            with open(path, "rb", opener=_at_once) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(place, path.stem)
                count += 1
    return count


def _at_once(path: str, flags: int) -> int:
    """Open without following a link or waiting for a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
