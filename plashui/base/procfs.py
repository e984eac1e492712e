"""Processes of this machine, by psutil: who started whom, and what one takes.

psutil is imported inside functions, since it takes longer than most verbs do.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable

from plashui.base.light import NamedTuple


class Process(NamedTuple):
    """A process; `cpu` in seconds, `memory` in resident bytes, `started` in epoch.

    `birth` tells it from any other process, an earlier or later one of its number too.
    """

    user: str
    command: str
    cpu: float
    memory: int
    started: float
    birth: int


def parents() -> dict[int, int]:
    """Who started each process there is."""
    import psutil

    return {one.pid: one.info["ppid"] for one in psutil.process_iter(["ppid"])}


def look(pid: int) -> Process | None:
    """What a process is; None if there is none of this number (any more)."""
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
    """Its words; none of a process that has ended but was not waited for."""
    import psutil

    try:
        return shlex.join(cmdline())
    except psutil.ZombieProcess:
        return ""


def is_alive(pid: int, session: int) -> bool:
    """Whether process `pid` of that session still runs."""
    try:
        return os.getsid(pid) == session and bool(birth(pid))
    except OSError:
        return False


def birth(pid: int) -> int:
    """The `birth` of process `pid`; 0 if it is over."""
    import psutil

    try:
        process = psutil.Process(pid)
        ended = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return 0 if ended else hash(process)
    except psutil.Error:
        return 0


def has_own_numbers(pid: int) -> bool:
    """Whether it has another number where it lives, in a pid namespace of its own."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:  # psutil does not tell
            text = file.read()
    except OSError:
        return False
    return len(text.partition(b"\nNSpid:")[2].partition(b"\n")[0].split()) > 1
