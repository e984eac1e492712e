"""Who uses which image, in the words for people; and which processes live."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from plashui.core import engine
from plashui.core.errors import Holder

_OVER: Final = (b"Z", b"X")  # states of a process that has ended


def holders(store: Path) -> list[Holder]:
    """The processes that run in images of this store, and the mounts all processes see.

    Such a mount comes as process 0, "mounted at PLACE". The helper that waits for a
    command is named only where there is no command (any more).
    """
    if not store.is_dir():
        return []
    users = engine.users(store)
    commands = {user.image for user in users if not user.plash}
    found: dict[tuple[int, int], Holder] = {}
    for user in users:
        if user.plash and user.image in commands:
            continue
        words = f"mounted at {user.place}" if user.how == "mount" else user.command
        key = (user.pid or -len(found) - 1, user.image)
        found.setdefault(key, Holder(user.pid, words, user.image))
    return list(found.values())


def work_dirs_in_use(store: Path) -> set[str]:
    """Names of the directories in the store's tmp/ that some process writes to."""
    return {user.work for user in engine.users(store)}


def is_alive(pid: int, session: int) -> bool:
    """Whether process `pid` of that session still runs."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in _OVER and int(fields[3]) == session


def birth(pid: int) -> int:
    """When process `pid` began, in clock ticks since the machine did; 0 if it is over.

    No later process of the same number has the same.
    """
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] not in _OVER else 0


def _stat(pid: int) -> list[bytes]:
    """The fields behind the name, the state first (proc(5)); none if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return []
    return stat.rpartition(b")")[2].split()
