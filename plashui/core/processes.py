"""Which processes run in which image, as the kernel's own mount tables say.

Every overlay the helper mounts carries a source of the form
`plashui:IMAGE:STORE:WORKDIR` (STORE is the inode of the store's directory). The mount
table of every process is readable, also of other users' processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from plashui.core.errors import Holder

_MARK: Final = b" plashui:"


class _Mount(NamedTuple):
    image: int
    store: int
    work: str


def holders(store: Path) -> list[Holder]:
    """The processes that run in images of this store."""
    found: list[Holder] = []
    for pid, mount in _mounts(store):
        found.append(Holder(pid, _command(pid), mount.image))
    return found


def work_dirs_in_use(store: Path) -> set[str]:
    """Names of the directories in the store's tmp/ that some process writes to."""
    return {mount.work for _pid, mount in _mounts(store)}


def _mounts(store: Path) -> Iterator[tuple[int, _Mount]]:
    try:
        inode = store.stat().st_ino
    except OSError:
        return
    tables: dict[bytes, list[_Mount]] = {}
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            with open(f"/proc/{name}/mountinfo", "rb") as file:
                table = file.read()
        except OSError:
            continue
        if _MARK not in table:
            continue
        mounts = tables.get(table)
        if mounts is None:
            mounts = tables[table] = list(_parse(table))
        for mount in mounts:
            if mount.store == inode:
                yield int(name), mount


def _parse(table: bytes) -> Iterator[_Mount]:
    for line in table.splitlines():
        _before, separator, after = line.partition(b" - ")
        if not separator or _MARK not in b" " + after:
            continue
        fields = after.split(b" ")
        if len(fields) < 2 or not fields[1].startswith(b"plashui:"):
            continue
        parts = fields[1].decode("utf-8", "surrogateescape").split(":", 3)
        if len(parts) == 4 and parts[1].isdecimal() and parts[2].isdecimal():
            yield _Mount(int(parts[1]), int(parts[2]), parts[3])


def _command(pid: int) -> str:
    """What the process was started as, in short; '' if it is gone by now."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return ""
    return b" ".join(words).decode("utf-8", "surrogateescape")[:200]


def is_alive(pid: int, session: int) -> bool:
    """Whether process `pid` of that session still runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    fields = stat.rpartition(b")")[2].split()
    return fields[0] not in (b"Z", b"X") and int(fields[3]) == session
