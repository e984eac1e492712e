"""What runs in images, as a person wants to see it: who, since when, how much.

Not the helper that waits for a command, but the command and all that it started.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from plashui.base import procfs
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper import calls
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Literal

    How = Literal["run", "isolated", "mounted", "lock", "mount"]


class Place(NamedTuple):
    """Where a process is: in which image, and in what way.

    "run" and "isolated" are the two kinds of run, "mounted" stands in the image's
    files, "lock" holds them open; "mount" is no process but a mount that all see.
    """

    image: int
    how: How
    at: str = ""


class Running(NamedTuple):
    """A process in an image; `pid` is None for a mount.

    `cpu` are the seconds of processor time it took, `percent` what that is of one
    processor since it began, `memory` its resident bytes, `started` epoch seconds;
    `birth` tells it from a later one of the same number, see proc.birth.
    """

    pid: int | None
    image: int
    how: How
    user: str
    command: str
    cpu: float = 0.0
    percent: float = 0.0
    memory: int = 0
    started: float = 0.0
    birth: int = 0


def running(store: Store) -> list[Running]:
    """All processes in the store's images, and mounts; in the order of images."""
    if not store.check():
        return []
    users = calls.users(store.root)
    found = [
        Running(None, user.image, "mount", "", f"mounted at {user.place}")
        for user in users
        if user.how == "mount"
    ]
    helpers = {user.pid for user in users if user.plash}
    known = places(users)
    # Who only holds files open, as the app does, starts other things too.
    within = {p: at for p, at in known.items() if at.how != "lock" or p in helpers}
    below = with_descendants(within, procfs.parents()) if within else {}
    for pid, place in {**known, **below}.items():
        if pid not in helpers and (seen := procfs.look(pid)) is not None:
            found.append(_running(pid, place, seen))
    return sorted(found, key=lambda one: (one.image, one.pid or 0))


def _running(pid: int, place: Place, seen: procfs.Process) -> Running:
    user, command, cpu, memory, started, birth = seen
    percent = 100 * cpu / max(0.01, time.time() - started)
    return Running(
        *(pid, place.image, place.how, user, command),
        *(cpu, percent, memory, started, birth),
    )


def places(users: Iterable[calls.User]) -> dict[int, Place]:
    """In what way each process uses an image; if in several, what tells most."""
    found: dict[int, Place] = {}
    for user in users:
        if not user.pid:
            continue
        place = Place(user.image, _how(user), user.place)
        known = found.get(user.pid)
        if known is None or known.how == "lock" or place.at == "/":
            found[user.pid] = place
    return found


def _how(user: calls.User) -> How:
    if user.how == "lock":
        return "lock"
    if user.place != "/":
        return "mounted"
    return "isolated" if procfs.has_own_numbers(user.pid) else "run"


def with_descendants(
    known: Mapping[int, Place], parents: Mapping[int, int]
) -> dict[int, Place]:
    """The same with what those processes started: one may have left the image's mounts.

    `parents` are those of all processes.
    """
    found = dict(known)
    for pid in parents:
        line: list[int] = []
        at = pid
        while at not in found and at in parents and at not in line:
            line.append(at)
            at = parents[at]
        if at in found:
            found.update(dict.fromkeys(line, found[at]))
    return found
