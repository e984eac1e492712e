"""Subordinate ids (subuid(5), subgid(5)): how many a user has, and how to get more."""

from __future__ import annotations

import pwd
from pathlib import Path

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper import process

if TYPE_CHECKING:
    from typing import Final

_FIRST: Final = 100_000  # where distributions begin to give them out
_STEP: Final = 65_536
_MAPS: Final = "cat /proc/self/uid_map; echo; cat /proc/self/gid_map"


class Owners(NamedTuple):
    """A number for user ids, and one for group ids."""

    user: int
    group: int


class Ours(NamedTuple):
    """This machine's ids that have a number inside a user namespace of ours."""

    users: tuple[range, ...]
    groups: tuple[range, ...]


def ours() -> Ours:
    """The ids of this machine that are ours to use."""
    outcome = process.finish(["sudo", "sh", "-c", _MAPS])
    if outcome.status:
        raise process.failure(outcome, "looking which ids there are")
    users, groups = outcome.stdout.decode().split("\n\n")
    return Ours(_ranges(users), _ranges(groups))


def mapped() -> Owners:
    """How many ids there are inside a user namespace of ours: from 0 to one less."""
    users, groups = ours()
    return Owners(sum(map(len, users)), sum(map(len, groups)))


def _ranges(table: str) -> tuple[range, ...]:
    """What stands in a uid_map (user_namespaces(7)): inside, outside, how many."""
    rows = (map(int, line.split()) for line in table.splitlines())
    return tuple(range(first, first + count) for _inside, first, count in rows)


def first_free(path: Path) -> int:
    """The first id behind all that a table gives to anybody."""
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
    """What gives user `uid` enough ids for these owners; "" if there are enough."""
    start = max(first_free(tables / "subuid"), first_free(tables / "subgid"))
    options = []
    for kind, number, count in zip("ug", wanted, ours, strict=True):
        if number >= count:
            steps = -(-(number + 1 - count) // _STEP)
            last = start + steps * _STEP - 1
            if last >= 1 << 32:
                return "There are not as many ids on a machine: import it as root"
            options.append(f"--add-sub{kind}ids {start}-{last}")
    if options and uid == 0:
        return f"Start this container with at least {max(wanted) + 1} ids"
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return f"As root: usermod {' '.join(options)} {name}" if options else ""
