"""Why images may not be removed: they are used, pinned, or have got a name."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from plashui.core import marks
from plashui.core.errors import Holder, InUse, Named, Pinned
from plashui.core.store import Store


def refuse_if_pinned(
    store: Store, images: Iterable[int], spared: AbstractSet[int]
) -> None:
    """Raise Pinned if one of these is pinned by now and not among the `spared`."""
    found = marks.pinned(store.root).intersection(images) - spared
    if found:
        raise Pinned(sorted(found))


def refuse_if_named(store: Store, images: Iterable[int]) -> None:
    """Raise Named if one of these has a name by now."""
    names = store.names()
    for image in images:
        if image in names:
            raise Named(image, names[image][0])


def refuse_if_used(holders: Iterable[Holder], data: Mapping[int, Path]) -> None:
    """Raise InUse if one of them holds one of these, or somebody has a lock on it."""
    found = [holder for holder in holders if holder.image in data]
    seen = {holder.image for holder in found}
    for image, directory in data.items():
        if image not in seen and is_locked(directory):
            found.append(Holder(0, "", image))
    if found:
        raise InUse(in_use_sentence(found), found)


def in_use_sentence(found: Iterable[Holder]) -> str:
    """Which images are in use and by whom, in words."""
    by_image: dict[int, list[str]] = {}
    mounted: dict[int, str] = {}
    for holder in found:
        if not holder.pid and holder.command:
            mounted[holder.image] = holder.command
        who = f"{holder.pid} ({holder.command.split(' ')[0]})" if holder.pid else ""
        by_image.setdefault(holder.image, []).append(who)
    parts: list[str] = []
    for image, users in by_image.items():
        named = [user for user in users if user]
        by = f"process {', '.join(named[:3])}" if named else "a running command"
        if not named and image in mounted:
            parts.append(f"image {image} is {mounted[image]}")
            continue
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        parts.append(f"image {image} is in use by {by}{more}")
    return "; ".join(parts)


def is_locked(directory: Path) -> bool:
    """Whether somebody uses it, a process that we may not see included."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
