"""Caches of commands of builds: volumes that a step has, and no layer.

`RUN --mount=type=cache` asks for one. They stay until `clean --cache` removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private
from plashui.store.workdir import rest_left_to_clean, work_name

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.store.store import Store

_VOLUMES: Final = "volumes"
_PREFIX: Final = "cache-"


def volume_of(name: str) -> str:
    """Return the name of the volume of a cache."""
    from hashlib import sha256

    return f"{_PREFIX}{sha256(os.fsencode(name)).hexdigest()[:32]}"


@contextlib.contextmanager
def in_use(store: Store, volume: str) -> Iterator[None]:
    """Keep a cache from being removed during the block; make it if it is missing."""
    make_private(f"{store.root}/{_VOLUMES}")
    place = f"{store.root}/{_VOLUMES}/{volume}"
    with contextlib.suppress(FileExistsError):
        os.mkdir(place, 0o755)
    lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def forget(store: Store, *, cancel: Cancel | None = None) -> int:
    """Remove the caches that no build is using; return how many."""
    from plashui.helper import calls  # starts the helper: rarely needed

    moved: list[str] = []
    with rest_left_to_clean(store, moved):
        for name in store.entries(_VOLUMES):
            if name.startswith(_PREFIX) and _move(store, name):
                moved.append(work_name(name))
        if moved:
            calls.remove(store.path, moved, cancel=cancel)
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
