"""Work directories in the store's tmp/, each locked by the process that uses it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.store import layout
from plashui.store.disk_full import say_what_makes_room
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

WORK_PREFIX: Final = "plashtmp_"
REST: Final = "cancelled: the next `plash clean` deletes the rest"
"""The error of a cancelled deletion, which cannot be undone."""


class WorkDir(NamedTuple):
    """A directory in the store's tmp/, removed when its block ends.

    `lock` is the descriptor of its lock; a directory without a lock and a living
    maker is swept. A helper that works in it must inherit the descriptor.
    """

    name: str
    path: Path
    lock: int | None = None


@contextlib.contextmanager
def workdir(store: Store) -> Iterator[WorkDir]:
    """Make a work directory for the block; remove what is left of it afterwards.

    Its name tells the maker to the old program's `clean`. Its lock protects it from
    our `clean`, also in another pid namespace, where the pid in the name is useless.
    """
    store.create()
    try:
        path, lock = _locked_directory(store)
    except OSError as error:
        say_what_makes_room(store, error)
        raise layout.trouble("write to", store.root, error) from error
    try:
        yield WorkDir(path.name, path, lock)
    except (PlashError, OSError) as error:
        say_what_makes_room(store, error)
        raise
    finally:
        if path.exists():
            _discard(store, path)
        os.close(lock)


def _locked_directory(store: Store) -> tuple[Path, int]:
    from pathlib import Path  # importing it takes as long as a verb that only reads

    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        name = work_name(os.urandom(8).hex())
        place = f"{store.root}/tmp/{name}"  # noqa: S108 - its own
        os.mkdir(place, 0o700)
        lock = -1
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(place, flags)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(lock), os.lstat(place)):
                return Path(place), lock
        if lock >= 0:  # a sweep removed the directory before it was locked
            os.close(lock)


def _discard(store: Store, path: Path) -> None:
    """Remove a work directory; ignore errors, since `clean` reports them."""
    try:
        path.rmdir()
    except OSError:
        from plashui.helper import deleting  # not before the app's first screen

        with contextlib.suppress(PlashError):
            deleting.remove(store.path, [path.name])


@contextlib.contextmanager
def rest_left_to_clean(store: Store, moved: Sequence[str]) -> Iterator[None]:
    """Let the next sweep delete what a failed or cancelled deletion leaves in tmp/.

    The block deletes the work directories `moved`. A sweep would leave them alone as
    long as this process runs.
    """
    try:
        yield
    except BaseException as error:
        for name in moved:
            *_owner, unique = name.split("_", 3)
            left = store.path / "tmp" / f"{WORK_PREFIX}0_0_{unique}"
            with contextlib.suppress(OSError):  # already deleted
                (store.path / "tmp" / name).rename(left)
        if moved and isinstance(error, Cancelled):
            raise Cancelled(REST) from error
        raise


def work_name(what: object) -> str:
    """Return a name in tmp/ with our session and pid, by which sweeps find it later."""
    return f"{WORK_PREFIX}{os.getsid(0)}_{os.getpid()}_{what}"


def maker_of(name: str) -> tuple[int, int] | None:
    """Return the pid and session of a work directory's maker; None if unknown."""
    prefix, *parts = name.split("_")
    if prefix != "plashtmp" or len(parts) < 3:
        return None
    session, pid, *_rest = parts
    return (int(pid), int(session)) if (session + pid).isdecimal() else None
