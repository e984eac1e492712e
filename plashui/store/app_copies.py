"""Copies that apps of `push:app` have unpacked; they are outside of every store.

The runtime of an app makes them, see helpers/onefile/FORMAT.md. An app whose copy is
gone makes another one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.store.cache import cache_directory

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from plashui.base.progress import Cancel

_BEING_MADE: Final = ".new"
_LOCK: Final = ".lock"


def directory() -> str | None:
    """Return the directory of the copies; None for a user without a home."""
    home = cache_directory()
    return f"{home}/apps" if home else None


def allocated() -> int:
    """Return the bytes that all copies take on the disk."""
    place, names = _names()
    if not names:
        return 0
    from plashui.helper import usage  # starts the helper: rarely needed

    found: list[int] = []
    usage.usage(place, names, lambda _path, usage: found.append(usage.allocated))
    return sum(found)


def forget(*, cancel: Cancel | None = None) -> int:
    """Remove the copies from which no app runs; return how many."""
    from pathlib import Path  # rarely needed

    place, names = _names()
    count = 0
    # A half copy first: what is renamed to its name in the end is not one.
    for name in sorted(names, key=lambda name: not name.endswith(_BEING_MADE)):
        if cancel is not None:
            cancel.check()
        path = Path(place, name)
        half = name.endswith(_BEING_MADE)
        lock = f"{name.removesuffix(_BEING_MADE)}{_LOCK}" if half else name
        with contextlib.suppress(OSError), _locked(path.with_name(lock)):
            if half:
                _remove(path)
            else:
                count += _taken_away(path)
    return count


def _taken_away(path: Path) -> bool:
    """Remove what is locked; return whether it was a copy."""
    if not path.is_dir():
        path.unlink()
        return False
    gone = path.with_name(f"{path.name}{_BEING_MADE}")
    path.rename(gone)
    _remove(gone)
    return True


def _remove(path: Path) -> None:
    from plashui.helper import as_root

    as_root.remove_tree(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file or directory for the block; raise OSError if somebody else does."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    lock = os.open(path, flags)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def _names() -> tuple[str, list[str]]:
    """Return the directory and what is in it, if it is the user's own."""
    place = directory()
    if place is None:
        return "", []
    try:
        if os.lstat(place).st_uid != os.geteuid():
            return place, []
        return place, sorted(os.listdir(place))
    except OSError:
        return place, []
