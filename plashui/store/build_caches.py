"""Caches of commands of builds: volumes that a step has, and no layer.

`RUN --mount=type=cache` asks for one. They stay until `clean --cache` removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import time
from collections.abc import Callable, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private
from plashui.store.workdir import rest_left_to_clean, work_name, workdir

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.store.store import Store
    from plashui.store.workdir import WorkDir

_VOLUMES: Final = "volumes"
_PREFIX: Final = "cache-"
_DATA: Final = "data"
_PAUSE: Final = 0.05
"""Seconds between two looks whether a cache is free."""


@contextlib.contextmanager
def in_use(
    store: Store,
    name: str,
    sharing: str = "shared",
    *,
    fill: Callable[[WorkDir], Path] | None = None,
    cancel: Cancel | None = None,
) -> Iterator[str]:
    """Keep a cache from being removed during the block; yield its directory.

    Others use it at the same time if it is `shared`. One that is `locked` is waited
    for, and a `private` one is another one if it is in use. `fill` makes what a new
    one begins with, in a work directory.
    """
    make_private(f"{store.root}/{_VOLUMES}")
    numbers = itertools.count()
    while True:
        number = next(numbers) if sharing == "private" else 0
        place = _place(store, f"{name}\0{number}" if number else name)
        with contextlib.suppress(FileExistsError):
            os.mkdir(place, 0o700)
        lock = _locked(place, sharing, cancel)
        if lock is None:
            continue  # it was removed, or a private one is in use
        try:
            _make(store, f"{place}/{_DATA}", fill)
            yield f"{place}/{_DATA}"
        finally:
            os.close(lock)
        return


def _place(store: Store, name: str) -> str:
    """Return the directory of a cache: its lock, and the parent of what is in it.

    What is in it may belong to subordinate ids, so that this user cannot open it.
    """
    from hashlib import sha256

    digest = sha256(os.fsencode(name)).hexdigest()[:32]
    return f"{store.root}/{_VOLUMES}/{_PREFIX}{digest}"


def _make(store: Store, data: str, fill: Callable[[WorkDir], Path] | None) -> None:
    """Make what is in a cache, unless it is there: whole or not at all."""
    if os.path.lexists(data):
        return
    if fill is None:
        with contextlib.suppress(FileExistsError):
            os.mkdir(data, 0o755)
        return
    from pathlib import Path

    from plashui.helper import as_root

    with workdir(store) as work:
        made = fill(work)
        all_of_them = os.open(f"{store.root}/{_VOLUMES}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(all_of_them, fcntl.LOCK_EX)
            if not os.path.lexists(data):
                as_root.rename(made, Path(data))
        finally:
            os.close(all_of_them)


def _locked(place: str, sharing: str, cancel: Cancel | None) -> int | None:
    """Return the lock of a cache; None if it is gone or, a private one, in use."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    how = fcntl.LOCK_SH if sharing == "shared" else fcntl.LOCK_EX
    try:
        lock = os.open(place, flags)
    except FileNotFoundError:
        return None
    try:
        while not _try(lock, how):
            if sharing == "private":
                os.close(lock)
                return None
            _wait(cancel)
        there = os.path.lexists(place)
        if there and os.path.samestat(os.fstat(lock), os.lstat(place)):
            return lock
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _try(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(cancel: Cancel | None) -> None:
    if cancel is None:
        time.sleep(_PAUSE)
    else:
        cancel.wait(_PAUSE)


def forget(store: Store, *, cancel: Cancel | None = None) -> int:
    """Remove the caches that no build is using; return how many."""
    from plashui.helper import deleting  # starts the helper: rarely needed

    moved: list[str] = []
    with rest_left_to_clean(store, moved):
        for name in store.entries(_VOLUMES):
            if name.startswith(_PREFIX) and _move(store, name):
                moved.append(work_name(name))
        if moved:
            deleting.remove(store.path, moved, cancel=cancel)
    with contextlib.suppress(OSError):
        os.rmdir(f"{store.root}/{_VOLUMES}")
    return len(moved)


def _move(store: Store, name: str) -> bool:
    """Move a cache to tmp/; return whether nobody uses it."""
    place = f"{store.root}/{_VOLUMES}/{name}"
    try:
        lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.rename(place, f"{store.root}/tmp/{work_name(name)}")  # noqa: S108 - its own
    except BlockingIOError:
        return False
    except OSError as error:
        what = f"cannot remove the cache {name}: {error.strerror}"
        raise PlashError(what) from error
    finally:
        os.close(lock)
    return True


def places(store: Store) -> list[str]:
    """Return the directories of the caches, relative to the store."""
    names = [n for n in store.entries(_VOLUMES) if n.startswith(_PREFIX)]
    return [f"{_VOLUMES}/{name}" for name in names]
