"""Which processes run in which image, as the kernel's own mount tables say.

Every overlay the helper mounts carries a source of the form
`plashui:IMAGE:STORE:WORKDIR` (STORE is the inode of the store's directory). The mount
table of every process is readable, also of other users' processes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from plashui.core.errors import Holder

_MARK: Final = b" plashui:"
_ESCAPE: Final = re.compile(rb"\\([0-3][0-7]{2})")
"""How a mount table writes spaces, tabs, newlines and backslashes."""


class _Mount(NamedTuple):
    image: int
    store: int
    work: str
    device: str
    place: str


def holders(store: Path) -> list[Holder]:
    """The processes that run in images of this store, and the mounts all processes see.

    Such a mount comes as process 0, "mounted at PLACE".
    """
    here = {mount.device: mount for mount in _visible(store) if mount.place != "/"}
    found = [Holder(0, f"mounted at {m.place}", m.image) for m in here.values()]
    for pid, mount in _mounts(store):
        if mount.device not in here:
            found.append(Holder(pid, _command(pid), mount.image))
    return found


def _visible(store: Path) -> Iterator[_Mount]:
    """Mounts of this store in our own mount table."""
    try:
        inode = store.stat().st_ino
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return
    yield from (mount for mount in _parse(table) if mount.store == inode)


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
    for line in table.split(b"\n"):
        before, separator, after = line.partition(b" - ")
        if not separator or _MARK not in b" " + after:
            continue
        fields = after.split(b" ")
        if len(fields) < 2 or not fields[1].startswith(b"plashui:"):
            continue
        parts = fields[1].decode("utf-8", "surrogateescape").split(":", 3)
        where = before.split(b" ")
        if len(parts) == 4 and parts[1].isdecimal() and parts[2].isdecimal():
            place = _ESCAPE.sub(lambda m: bytes([int(m[1], 8)]), where[4])
            device = where[2].decode()
            mount = _Mount(
                int(parts[1]), int(parts[2]), parts[3], device, os.fsdecode(place)
            )
            yield mount


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
