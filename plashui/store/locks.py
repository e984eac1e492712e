"""Locks (flock(2)) on directories of the store, held by the processes that use them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_locked(directory: Path) -> bool:
    """Return whether any process, visible or not, holds a lock on the directory."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def in_use(directory: str) -> Iterator[int]:
    """Hold a shared lock on a directory for the block, and yield its descriptor.

    An image whose `_data` is locked is not removed.
    """
    descriptor = os.open(
        directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield descriptor
    finally:
        os.close(descriptor)


def all_locks() -> set[str]:
    """Return all locked files as `major:minor:inode`, from /proc/locks.

    Unlike `is_locked` this takes no lock, which a starting shell could miss.
    """
    try:
        with open("/proc/locks", encoding="ascii", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return set()
    return {word for line in lines for word in line.split() if word.count(":") == 2}


def is_among(place: Path, locks: set[str]) -> bool:
    """Return whether a path is among the result of `all_locks`."""
    try:
        about = place.stat()
    except OSError:
        return False
    device = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}"
    return f"{device}:{about.st_ino}" in locks
