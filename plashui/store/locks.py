"""Locks (flock(2)) on directories of the store: who holds one uses it."""

from __future__ import annotations

import fcntl
import os

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_locked(directory: Path) -> bool:
    """Whether somebody uses it, a process that we may not see included."""
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


def all_locks() -> set[str]:
    """The files that somebody has locked, each as `major:minor:inode`.

    To try for the lock would take it from a shell that is just about to begin.
    """
    try:
        with open("/proc/locks", encoding="ascii", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return set()
    return {word for line in lines for word in line.split() if word.count(":") == 2}


def is_among(place: Path, locks: set[str]) -> bool:
    try:
        about = place.stat()
    except OSError:
        return False
    device = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}"
    return f"{device}:{about.st_ino}" in locks
