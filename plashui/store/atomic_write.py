"""Files and directories that appear whole: made as `NAME.partial-PID`, then renamed.

The maker holds a lock on its draft, which the kernel releases when the process ends.
The next process that writes to the same name removes unlocked drafts.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.helper import as_root

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, Final

_LONGEST: Final = 220  # bytes of a name that leave room for the suffix
_MARK: Final = ".partial-"
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


def place_of(path: Path) -> Path:
    """Return the real path that a file of this name will have, with links resolved.

    The kernel resolves them and refuses links of other users in directories like /tmp
    (fs.protected_symlinks) with an OSError.
    """
    from pathlib import Path  # importing it takes as long as a verb that only reads

    if not path.is_symlink():
        if path.name in ("", ".."):
            return Path(os.path.realpath(path))
        return Path(os.path.realpath(path.parent)) / path.name
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        # A dangling link: trusted only if it is the user's own.
        if path.lstat().st_uid != os.geteuid():
            raise
        return Path(os.path.realpath(path))
    try:
        place = Path(f"/proc/self/fd/{found}").readlink()
        return place if _is_still(found, place) else path  # a pipe has no path
    finally:
        os.close(found)


@contextlib.contextmanager
def new_directory(
    name: str | Path, within: int | None = None, *, mode: int = 0o755
) -> Iterator[int]:
    """Make a directory and open it; `within` is a descriptor of its parent.

    Raises OSError if another user replaced the new directory before it was opened.
    """
    os.mkdir(name, mode, dir_fd=within)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=within)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise OSError(errno.EPERM, "Another user has replaced the new directory")
        os.fchmod(descriptor, mode)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def file_beside(place: Path) -> Iterator[BinaryIO]:
    """Open a new file for writing; it gets its name when the block succeeds."""
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
def nameless_file(place: Path) -> Iterator[BinaryIO]:
    """Do the same; nothing is left of the file if this process is killed.

    It has no name at all while the block works, on file systems that can do that.
    """
    flags = os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC
    with contextlib.ExitStack() as stack:
        try:
            descriptor = os.open(place.parent, flags, 0o666)
        except OSError:
            yield stack.enter_context(file_beside(place))
            return
        file = stack.enter_context(open(descriptor, "wb"))
        yield file
        file.flush()
        os.fsync(descriptor)
        _forget_the_dead(place.parent, _start_of(place))
        beside = place.with_name(f"{_start_of(place)}{os.getpid()}")
        # Only with a directory given does Python follow the link in /proc.
        parent = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, parent)
        source = f"/proc/self/fd/{descriptor}"
        os.link(source, beside.name, src_dir_fd=parent, dst_dir_fd=parent)
        try:
            beside.rename(place)
        except OSError:
            beside.unlink()
            raise


@contextlib.contextmanager
def directory_beside(place: Path) -> Iterator[Path]:
    """Make a directory, which the block renames to its place; remove it on an error.

    Its mode keeps other users out.
    """
    beside, descriptor = _made(place, _make_directory)
    try:
        yield beside
    except BaseException:
        as_root.remove_tree(beside)
        raise
    finally:
        os.close(descriptor)


def exchange(one: Path, other: Path) -> None:
    """Exchange two files or directories of a file system, in one step."""
    import ctypes  # takes longer than a verb that only reads

    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(one))
    places = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    if function(*places, _RENAME_EXCHANGE) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), str(one))


def _made(place: Path, make: Callable[[Path], int]) -> tuple[Path, int]:
    """Make a draft beside a place and lock it; return its path and descriptor."""
    start = _start_of(place)
    _forget_the_dead(place.parent, start)
    beside = place.with_name(f"{start}{os.getpid()}")
    while True:
        descriptor = make(beside)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_still(descriptor, beside):
            return beside, descriptor
        os.close(descriptor)  # another process removed it before it was locked


def _start_of(place: Path) -> str:
    """Return what the names of all drafts for a place begin with."""
    return f"{os.fsdecode(os.fsencode(place.name)[:_LONGEST])}{_MARK}"


def _make_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def _make_directory(path: Path) -> int:
    path.mkdir(mode=0o700)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags)


def _is_still(descriptor: int, path: Path) -> bool:
    """Return whether the descriptor's file still has this path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _forget_the_dead(directory: Path, start: str) -> None:
    """Remove the user's own drafts whose makers have ended."""
    try:
        names = os.listdir(directory)
    except OSError:
        return  # making the draft will report the error
    for name in names:
        if name.startswith(start) and name.removeprefix(start).isdecimal():
            with contextlib.suppress(OSError):  # locked, or not accessible
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
            as_root.remove_tree(path)
        elif stat.S_ISREG(status.st_mode):
            path.unlink()
    finally:
        os.close(descriptor)
