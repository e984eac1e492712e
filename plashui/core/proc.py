"""Processes as proc(5) shows them: who started whom, and what one takes.

Only what plashui tells. (A library that does this takes longer to be read than all the
rest of that verb, which a person waits for.)
"""

from __future__ import annotations

import os
import pwd
import shlex
import time
from typing import Final, NamedTuple

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_OVER: Final = (b"Z", b"X")  # states of a process that has ended
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """A process; `cpu` in seconds, `memory` in resident bytes, `started` in epoch.

    `birth` is when it began in clock ticks since the machine did: no later process of
    the same number has the same.
    """

    user: str
    command: str
    cpu: float
    memory: int
    started: float
    birth: int


def parents() -> dict[int, int]:
    """Who started each process there is."""
    found: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                _name, fields = _stat(int(name))
            except OSError:
                continue  # it has just ended
            found[int(name)] = int(fields[1])
    return found


def look(pid: int) -> Process:
    """What a process is; OSError if there is none of this number (any more)."""
    name, fields = _stat(pid)
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / _TICKS
    words = _read(pid, "cmdline").removesuffix(b"\0").split(b"\0")
    uid = int(_status(pid, b"Uid")[0])
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return Process(
        user,
        shlex.join(map(os.fsdecode, words)) if words != [b""] else name,
        (int(fields[11]) + int(fields[12])) / _TICKS,
        int(fields[21]) * _PAGE,
        time.time() - age,
        int(fields[19]),
    )


def is_alive(pid: int, session: int) -> bool:
    """Whether process `pid` of that session still runs."""
    fields = _living(pid)
    return bool(fields) and int(fields[3]) == session


def birth(pid: int) -> int:
    """The `birth` of process `pid`; 0 if it is over."""
    fields = _living(pid)
    return int(fields[19]) if fields else 0


def has_own_numbers(pid: int) -> bool:
    """Whether it has another number where it lives, in a pid namespace of its own."""
    try:
        return len(_status(pid, b"NSpid")) > 1
    except OSError:
        return False


def _stat(pid: int) -> tuple[str, list[bytes]]:
    """Its name, which may hold anything, and the fields behind it: state, parent, …"""
    head, _bracket, rest = _read(pid, "stat").rpartition(b")")
    return os.fsdecode(head.partition(b"(")[2]), rest.split()


def _living(pid: int) -> list[bytes]:
    """The fields behind its name; none if there is no such process (any more)."""
    try:
        _name, fields = _stat(pid)
    except OSError:
        return []
    return fields if fields[0] not in _OVER else []


def _status(pid: int, key: bytes) -> list[bytes]:
    """The values of one line of its status."""
    text = b"\n" + _read(pid, "status")
    return text.partition(b"\n%b:" % key)[2].partition(b"\n")[0].split()


def _read(pid: int, what: str) -> bytes:
    with open(f"/proc/{pid}/{what}", "rb", buffering=0) as file:
        return file.readall()
