"""Processes of this machine, read by psutil: parents, owners, processor time, memory.

Functions import psutil, because importing it takes longer than most verbs.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from plashui.base.light import NamedTuple


class Process(NamedTuple):
    """A process: `cpu` in seconds, `memory` in resident bytes, `started` epoch seconds.

    `birth` differs from that of every other process, also one with the same pid.
    """

    user: str
    command: str
    cpu: float
    memory: int
    started: float
    birth: int


def parents() -> dict[int, int]:
    """Return the parent's pid of each process."""
    import psutil

    return {one.pid: one.info["ppid"] for one in psutil.process_iter(["ppid"])}


def look(pid: int) -> Process | None:
    """Describe a process; None if there is none with this pid."""
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            return Process(
                process.username(),
                _command(process.cmdline) or process.name(),
                times.user + times.system,
                process.memory_info().rss,
                process.create_time(),
                hash(process),
            )
    except psutil.Error:
        return None


def _command(cmdline: Callable[[], list[str]]) -> str:
    """Return a process's command line; '' for a zombie."""
    import shlex

    import psutil

    try:
        return shlex.join(cmdline())
    except psutil.ZombieProcess:
        return ""


def is_alive(pid: int, session: int) -> bool:
    """Return whether process `pid` still runs in this session."""
    try:
        return os.getsid(pid) == session and bool(birth(pid))
    except OSError:
        return False


def birth(pid: int) -> int:
    """Return the `birth` of process `pid`; 0 if it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        ended = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return 0 if ended else hash(process)
    except psutil.Error:
        return 0


def has_own_numbers(pid: int) -> bool:
    """Return whether a process is in a pid namespace below ours."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:  # psutil has no NSpid
            text = file.read()
    except OSError:
        return False
    return len(text.partition(b"\nNSpid:")[2].partition(b"\n")[0].split()) > 1
