"""Work directories: in the store's tmp/, each locked by who makes something there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.store import layout
from plashui.store.disk_full import say_what_makes_room
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

WORK_PREFIX: Final = "plashtmp_"


class WorkDir(NamedTuple):
    """A directory under the store's tmp/, removed when its block ends.

    `lock` is a descriptor that holds it: what has no lock, and no maker, is swept. A
    helper that works in it must get that descriptor too.
    """

    name: str
    path: Path
    lock: int | None = None


@contextlib.contextmanager
def workdir(store: Store) -> Iterator[WorkDir]:
    """A directory in tmp/ to make something in; what is left of it is removed.

    Its name tells the old program's `clean` who works here, and its lock tells
    ours, wherever it runs: in another pid namespace our number says nothing.
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
    import fcntl
    from pathlib import Path

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
        if lock >= 0:  # a sweep came before the lock, and took it for left over
            os.close(lock)


def _discard(store: Store, path: Path) -> None:
    """Remove what is left there; if that fails `clean` will say why."""
    try:
        path.rmdir()
    except OSError:
        from plashui.helper import calls

        with contextlib.suppress(PlashError):
            calls.remove(store.path, [path.name])


def work_name(what: object) -> str:
    """The name of something of ours in tmp/, by which it is swept once we are gone."""
    return f"{WORK_PREFIX}{os.getsid(0)}_{os.getpid()}_{what}"


def maker_of(name: str) -> tuple[int, int] | None:
    """The process that made a directory in tmp/, and its session; None if unknown."""
    prefix, *parts = name.split("_")
    if prefix != "plashtmp" or len(parts) < 3:
        return None
    session, pid, *_rest = parts
    return (int(pid), int(session)) if (session + pid).isdecimal() else None
