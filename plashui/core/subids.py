"""Subordinate ids (subuid(5), subgid(5)): how many a user has, and how to get more."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Final, NamedTuple

_FIRST: Final = 100_000  # where distributions begin to give them out
_STEP: Final = 65_536


class Table(NamedTuple):
    """One of the two files: how many ids are ours, and the first that nobody has.

    `ours` is how many ids there are inside a user namespace: one's own, which is 0
    there, and all that are subordinate.
    """

    ours: int
    free: int


def read(path: Path, name: str, uid: int) -> Table:
    """What a table says for a user; a table that is not there says nothing."""
    count, free = 1, _FIRST
    try:
        lines = path.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return Table(count, free)
    for line in lines:
        who, _colon, numbers = line.partition(":")
        first, _colon, many = numbers.partition(":")
        if first.isdecimal() and many.isdecimal():
            free = max(free, int(first) + int(many))
            if who in (name, str(uid)):
                count += int(many)
    return Table(count, free)


def lacking(user: int, group: int, *, tables: Path = Path("/etc")) -> tuple[str, str]:
    """Why a file of these owners, as ids inside, cannot be made, and the remedy.

    Empty if both are among the ids the tables give.
    """
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    users = read(tables / "subuid", name, uid)
    groups = read(tables / "subgid", name, uid)
    why, options = [], []
    start = max(users.free, groups.free)
    for kind, wanted, table in (("user", user, users), ("group", group, groups)):
        if wanted < table.ours:
            continue
        steps = -(-(wanted + 1 - table.ours) // _STEP)
        last = start + steps * _STEP - 1
        why.append(f"{kind} id {wanted}, beyond the {table.ours:,} you have")
        options.append(f"--add-sub{kind[0]}ids {start}-{last}")
    if not why:
        return "", ""
    return " and ".join(why), f"As root: usermod {' '.join(options)} {name}"
