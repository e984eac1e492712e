"""The processes and mounts that hold images, described for people."""

from __future__ import annotations

import os
from collections.abc import Mapping

from plashui.base import procfs
from plashui.base.errors import Holder
from plashui.base.light import TYPE_CHECKING
from plashui.helper import calls

if TYPE_CHECKING:
    from pathlib import Path


def holders(store: str | Path) -> list[Holder]:
    """Return the processes in images of a store, and the mounts that all processes see.

    A mount has the pid 0 and the command "mounted at PLACE". The helper that waits for
    a command is listed only if no other process uses its image.
    """
    if not os.path.isdir(store):
        return []
    users = calls.users(store)
    commands = {user.image for user in users if not user.plash}
    found: dict[tuple[int, int], Holder] = {}
    for user in users:
        if user.plash and user.image in commands:
            continue
        words = f"mounted at {user.place}" if user.how == "mount" else user.command
        key = (user.pid or -len(found) - 1, user.image)
        found.setdefault(key, Holder(user.pid, words, user.image, user.plash))
    return list(found.values())


def others(store: str | Path) -> list[Holder]:
    """Return the holders without this process, and the helpers that it has started.

    Those only read an image for it, such as for an export.
    """
    found = holders(store)
    above = procfs.parents() if any(one.helper for one in found) else {}
    return [one for one in found if not _is_own(one, above)]


def _is_own(one: Holder, above: Mapping[int, int]) -> bool:
    """Return whether it is this process or one of its helpers."""
    at, seen = one.pid, set[int]()
    while one.helper and at in above and at not in seen and at != os.getpid():
        seen.add(at)
        at = above[at]
    return at == os.getpid()
