"""Downloads on their way: they lie in the store until they have become an image.

A directory `downloads/` of the store holds for each a file `KEY.part` and, beside it,
what the next call must know to go on. They are on the disk that is meant for images,
and each is locked while a process writes to it. What was given up is removed after a
week by the next download, and at once by `clean`.
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
    """The bytes that are there by now, and which version of the file they are from.

    `validator` is what HTTP's If-Range wants, "" if the server gave none; `total` the
    bytes there will be, None if it did not say.
    """

    def __init__(self, file: BinaryIO, notes: Path | None = None) -> None:
        """Stand for an open file; without `notes`, nobody can go on with it later."""
        self.file, self._notes = file, notes
        self.whole = False
        """All of it is there; what goes wrong now does so with every byte of it."""
        known = read_json(notes) if notes else {}
        validator, total = known.get("validator"), known.get("total")
        self.validator = validator if isinstance(validator, str) else ""
        self.total = total if isinstance(total, int) else None

    @property
    def size(self) -> int:
        """The bytes that are there."""
        return os.fstat(self.file.fileno()).st_size

    def restart(self, validator: str = "", total: int | None = None) -> None:
        """Begin anew, with another version of the file."""
        self.file.truncate(0)
        self.validator, self.total = validator, total
        if self._notes:
            notes = {"validator": validator, "total": total}
            write_json(self._notes, notes, durable=False)


@contextlib.contextmanager
def partial(store: Store, url: str) -> Iterator[Part]:
    """The download of that URL, as far as an earlier call came with it.

    It is removed when the block ends, also with an error of what was made of the whole
    file, which the next call would meet again. It stays if the download was cut off,
    cancelled or killed.
    """
    store.create()
    place = store.path / "downloads"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        forget(store, older=_WEEK)
        import hashlib  # loads all of OpenSSL, and `clean` comes here, too

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
    """A file, locked for us alone; without a name if another process has that one."""
    while True:
        path = place / f"{key}.part"
        file: BinaryIO = os.fdopen(_open(path), "r+b", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                return file, True
        except BlockingIOError:
            file.close()
            import tempfile

            return tempfile.TemporaryFile(dir=place, buffering=0), False
        except FileNotFoundError:
            pass  # its owner finished, and removed it, just now
        file.close()


def _open(path: Path) -> int:
    """A regular file of ours with no other name, made if there is none.

    In a store that is another user's, or shared, its name may be a link to anything.
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
        f"cannot keep a download in {path}: that is not a file of ours",
        "Remove it, or use a store of your own",
    )


def _remove(place: Path, key: str) -> None:
    if key:
        for suffix in ("json", "part"):
            (place / f"{key}.{suffix}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        place.rmdir()


def forget(store: Store, *, older: float = 0) -> int:
    """Remove what was given up so many seconds ago; how many downloads that was.

    Never one that a living process writes to.
    """
    place = store.path / "downloads"
    count = 0
    for path in place.glob("*.part"):
        with contextlib.suppress(OSError):  # it has gone, or is not ours
            if path.lstat().st_mtime > time.time() - older:
                continue
            with open(path, "rb", opener=_at_once) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(place, path.stem)
                count += 1
    return count


def _at_once(path: str, flags: int) -> int:
    """Open what may be anything: no link is followed, no pipe waited for."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
