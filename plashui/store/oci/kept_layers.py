"""Layers that are complete and wait in tmp/ for the layers below them.

Layers come side by side and become images one on the other. One that is extracted and
checked before its parent is there lies in `tmp/layer_HEX`, where HEX is its chain id. A
sweep leaves it alone, so that a pull that was killed goes on from it. Only its place
says that it is complete: it comes there by one rename. `clean` removes such layers
unless a pull is going on, and a pull removes those that nobody came back for in a week.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store.changes.changes_directory import undo_commit
from plashui.store.workdir import WORK_PREFIX, WorkDir

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

PREFIX: Final = "layer_"
WEEK: Final = 7 * 86400.0
_WITHOUT_WAITING: Final = fcntl.LOCK_EX | fcntl.LOCK_NB
_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def name_of(chain_id: str) -> str:
    """Return the name in tmp/ of a kept layer."""
    return PREFIX + chain_id.removeprefix("sha256:")


def _path(store: Store, name: str) -> str:
    return f"{store.root}/tmp/{name}"  # noqa: S108 - its own


def is_kept(store: Store, chain_id: str) -> bool:
    """Return whether a layer is complete and waits."""
    return os.path.isdir(_path(store, name_of(chain_id)))


def keep(work: WorkDir, chain_id: str) -> None:
    """Keep a complete layer; one that another process has kept first stays instead."""
    place = work.path.with_name(name_of(chain_id))
    try:
        os.rename(work.path, place)
    except OSError as error:  # theirs may be an image already, and gone from there
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


@contextlib.contextmanager
def claimed(store: Store, chain_id: str) -> Iterator[WorkDir | None]:
    """Lock a kept layer for the block; None if there is none.

    Another process may be making the image of it: this waits, and finds it gone.
    """
    from pathlib import Path  # importing it takes as long as a verb that only reads

    path = Path(_path(store, name_of(chain_id)))
    try:
        lock = os.open(path, _OPEN)
    except OSError:
        yield None
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = path.exists() and os.path.samestat(os.fstat(lock), path.lstat())
        if there:
            undo_commit(path)
        yield WorkDir(path.name, path, lock) if there else None
    finally:
        os.close(lock)


def drop(store: Store, chain_id: str) -> None:
    """Remove a kept layer that is not needed, since there is an image of it."""
    with claimed(store, chain_id) as work:
        if work is not None:
            from plashui.helper import deleting

            deleting.remove(store.path, [work.name])


@contextlib.contextmanager
def needed(store: Store) -> Iterator[None]:
    """Let no kept layer be removed during the block, which is a pull."""
    with _lock(store, fcntl.LOCK_SH):
        yield


def forget(store: Store, *, older: float = 0) -> int:
    """Remove layers kept for longer than `older` seconds, unless a pull is going on."""
    with contextlib.suppress(OSError, PlashError), _lock(store, _WITHOUT_WAITING):
        return sum(_forget(store, name, older) for name in kept(store))
    return 0


def kept(store: Store) -> list[str]:
    """Return the names in tmp/ of kept layers."""
    return [name for name in store.entries("tmp") if name.startswith(PREFIX)]


@contextlib.contextmanager
def _lock(store: Store, how: int) -> Iterator[None]:
    tmp = os.open(_path(store, ""), _OPEN)
    try:
        fcntl.flock(tmp, how)
        yield
    finally:
        os.close(tmp)


def _forget(store: Store, name: str, older: float) -> bool:
    from plashui.helper import deleting

    if os.stat(_path(store, name)).st_ctime > time.time() - older:
        return False
    gone = f"{WORK_PREFIX}0_0_{name}"  # what a kill leaves of it is swept
    os.rename(_path(store, name), _path(store, gone))
    deleting.remove(store.path, [gone])
    return True
