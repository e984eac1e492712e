"""Subordinate ids (subuid(5), subgid(5)): how many a user has, and how to get more."""

from __future__ import annotations

import pwd
from pathlib import Path

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper import command, process

if TYPE_CHECKING:
    from typing import Final

_FIRST: Final = 100_000  # the first id that distributions assign
_STEP: Final = 65_536
_MAPS: Final = "cat /proc/self/uid_map; echo; cat /proc/self/gid_map"


class Owners(NamedTuple):
    """A number that concerns user ids, and one that concerns group ids."""

    user: int
    group: int


class Ours(NamedTuple):
    """The ids of this machine that are mapped into the user's namespace."""

    users: tuple[range, ...]
    groups: tuple[range, ...]


def ours() -> Ours:
    """Return the ids of this machine that the user may use."""
    outcome = command.finish(["sudo", "sh", "-c", _MAPS])
    if outcome.status:
        raise process.failure(outcome, "reading the mapped ids")
    users, groups = outcome.stdout.decode().split("\n\n")
    return Ours(_ranges(users), _ranges(groups))


def mapped() -> Owners:
    """Return how many ids the user's namespace has; they start at 0."""
    users, groups = ours()
    return Owners(sum(map(len, users)), sum(map(len, groups)))


def _ranges(table: str) -> tuple[range, ...]:
    """Parse a uid_map (user_namespaces(7)): lines of inside, outside, count."""
    rows = (map(int, line.split()) for line in table.splitlines())
    return tuple(range(first, first + count) for _inside, first, count in rows)


def first_free(path: Path) -> int:
    """Return the first id above all ranges in a table like /etc/subuid."""
    free = _FIRST
    try:
        lines = path.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return free
    for line in lines:
        first, _colon, many = line.partition(":")[2].partition(":")
        if first.isdecimal() and many.isdecimal():
            free = max(free, int(first) + int(many))
    return free


def more(wanted: Owners, ours: Owners, *, uid: int, tables: Path = Path("/etc")) -> str:
    """Return the remedy that gives user `uid` enough ids; "" if there are enough.

    `wanted` are the highest ids needed, `ours` the numbers of ids available.
    """
    start = max(first_free(tables / "subuid"), first_free(tables / "subgid"))
    options = []
    for kind, number, count in zip("ug", wanted, ours, strict=True):
        if number >= count:
            steps = -(-(number + 1 - count) // _STEP)
            last = start + steps * _STEP - 1
            if last >= 1 << 32:
                return "A machine does not have that many ids: import it as root"
            options.append(f"--add-sub{kind}ids {start}-{last}")
    if options and uid == 0:
        return f"Start this container with at least {max(wanted) + 1} ids"
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return f"As root: usermod {' '.join(options)} {name}" if options else ""
