"""Conditions for removing images: not in use, not pinned, not named, not needed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from plashui.base.errors import Holder, InUse, Named, Needed, Pinned
from plashui.base.light import TYPE_CHECKING
from plashui.store import marks
from plashui.store.locks import is_locked
from plashui.store.store import Store
from plashui.store.trash.record import standing_on

if TYPE_CHECKING:
    from pathlib import Path


def refuse_if_pinned(
    store: Store, images: Iterable[int], allowed: Container[int] = ()
) -> None:
    """Raise Pinned if one of these is pinned now, except those in `allowed`."""
    found = marks.pinned(store.root).intersection(images)
    refused = sorted(image for image in found if image not in allowed)
    if refused:
        raise Pinned(refused)


def refuse_if_named(
    store: Store, images: Iterable[int], allowed: Container[int]
) -> None:
    """Raise Named if one of these has a name now, except those in `allowed`."""
    names = store.names()
    for image in images:
        if image in names and image not in allowed:
            raise Named(image, names[image][0])


def refuse_if_needed(
    store: Store, images: Container[int], allowed: Container[int]
) -> None:
    """Raise Needed if an image in the trash is built on one of these.

    `allowed` are images in the trash that may lose what they are built on.
    """
    found = [image for image in standing_on(store, images) if image not in allowed]
    if found:
        raise Needed(found)


def refuse_if_used(
    holders: Iterable[Holder], data: Mapping[int, Path], allowed: Container[int] = ()
) -> None:
    """Raise InUse if one of these is held by a process or locked.

    `data` are the content directories by image; images in `allowed` may be in use.
    """
    data = {image: path for image, path in data.items() if image not in allowed}
    found = [holder for holder in holders if holder.image in data]
    seen = {holder.image for holder in found}
    for image, directory in data.items():
        if image not in seen and is_locked(directory):
            found.append(Holder(0, "", image))
    if found:
        raise InUse(in_use_sentence(found), found)


def in_use_sentence(found: Iterable[Holder]) -> str:
    """Describe which images are in use, and by which processes or mounts."""
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
