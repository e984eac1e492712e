"""The processes in images as `plash ps` shows them: user, start, resources.

The helper that waits for a command is not listed; the command and all its descendants
are.
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
    """The image that a process uses, and how it does.

    "run" and "isolated" are the two kinds of run; "mounted" is a process of this
    machine that sees the image at `at`; "lock" holds the image's lock; "mount" is not
    a process but a mount that all processes see.
    """

    image: int
    how: How
    at: str = ""


class Running(NamedTuple):
    """A process in an image; `pid` is None for a mount.

    `cpu` is its processor time in seconds, `percent` the average share of one
    processor since its start, `memory` its resident bytes, `started` its start in
    epoch seconds; `birth` tells it from later processes with its pid (procfs.birth).
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
    """List all processes in the store's images, and all mounts, sorted by image."""
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
    # A process that only holds a lock, like the app, has unrelated descendants.
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
        pid=pid,
        image=place.image,
        how=place.how,
        user=user,
        command=command,
        cpu=cpu,
        percent=percent,
        memory=memory,
        started=started,
        birth=birth,
    )


def places(users: Iterable[calls.User]) -> dict[int, Place]:
    """Return how each process uses an image; of several ways, the most specific."""
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
    """Add the descendants of known processes, which may have left the image's mounts.

    `parents` maps all processes to their parents.
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
