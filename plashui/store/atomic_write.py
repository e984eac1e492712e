"""What is being made lies beside its place until it is whole: `NAME.partial-PID`.

Its maker holds a lock on it, which the kernel ends with the process. So the next one
that makes something of that name can tell what was left by one that was killed, and
takes it away.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.helper import calls

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, Final

_LONGEST: Final = 220  # bytes of a name that leave room for the suffix
_MARK: Final = ".partial-"


def place_of(path: Path) -> Path:
    """Where what gets this name will be: behind the links there are.

    The kernel follows them, which does not follow those of other users in directories
    like /tmp (fs.protected_symlinks). Raises OSError where it does not.
    """
    from pathlib import Path  # it takes as long as all else of a verb that only reads

    if not path.is_symlink():
        if path.name in ("", ".."):
            return Path(os.path.realpath(path))
        return Path(os.path.realpath(path.parent)) / path.name
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        # It leads to what is not there yet. One of ours stays what it is meanwhile.
        if path.lstat().st_uid != os.geteuid():
            raise
        return Path(os.path.realpath(path))
    try:
        place = Path(f"/proc/self/fd/{found}").readlink()
        return place if _is_still(found, place) else path  # a pipe has no place
    finally:
        os.close(found)


@contextlib.contextmanager
def new_directory(
    name: str | Path, within: int | None = None, *, mode: int = 0o755
) -> Iterator[int]:
    """Make a directory (in the one that `within` is open); a descriptor to fill it by.

    Whoever may rename things around it can put another one in its place, but not lead
    us there: one of somebody else's is refused.
    """
    os.mkdir(name, mode, dir_fd=within)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=within)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise OSError(errno.EPERM, "Somebody else has put another one there")
        os.fchmod(descriptor, mode)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def file_beside(place: Path) -> Iterator[BinaryIO]:
    """A new file to write, which gets its name once the block has ended well."""
    beside, descriptor = _made(place, _make_file)
    with open(descriptor, "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            beside.rename(place)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def directory_beside(place: Path) -> Iterator[Path]:
    """A new directory, to be renamed in the block; if that fails it is removed.

    Until then nobody else may enter it.
    """
    beside, descriptor = _made(place, _make_directory)
    try:
        yield beside
    except BaseException:
        calls.remove_tree(beside)
        raise
    finally:
        os.close(descriptor)


def _made(place: Path, make: Callable[[Path], int]) -> tuple[Path, int]:
    """Make something beside a place, and lock it."""
    start = f"{os.fsdecode(os.fsencode(place.name)[:_LONGEST])}{_MARK}"
    _forget_the_dead(place.parent, start)
    beside = place.with_name(f"{start}{os.getpid()}")
    while True:
        descriptor = make(beside)
        with contextlib.suppress(OSError):  # a file system that has no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_still(descriptor, beside):
            return beside, descriptor
        os.close(descriptor)  # somebody came before the lock, and took it for dead


def _make_file(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def _make_directory(path: Path) -> int:
    path.mkdir(mode=0o700)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether that is what has this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _forget_the_dead(directory: Path, start: str) -> None:
    """Take away what is called so, is ours, and is no living process's any more."""
    try:
        names = os.listdir(directory)
    except OSError:
        return  # what is to be made there will say more
    for name in names:
        if name.startswith(start) and name.removeprefix(start).isdecimal():
            with contextlib.suppress(OSError):  # then it is not, or nobody can tell
                _forget_if_dead(directory / name)


def _forget_if_dead(path: Path) -> None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if status.st_uid != os.geteuid() or not _is_still(descriptor, path):
            return
        if stat.S_ISDIR(status.st_mode):
            calls.remove_tree(path)
        elif stat.S_ISREG(status.st_mode):
            path.unlink()
    finally:
        os.close(descriptor)
