"""Unsaved changes, as `ls`, `show` and `trash` print them."""

from __future__ import annotations

import os
import time

from plashui.base.light import TYPE_CHECKING
from plashui.base.units import age, size

if TYPE_CHECKING:
    from typing import Any

    from plashui.store.changes.saved_changes import Kept
    from plashui.store.store import Store


def unsaved_by_image(place: Store) -> dict[int, list[Kept]]:
    """Return the unsaved changes of each image, with their sizes."""
    if not os.access(f"{place.root}/kept", os.F_OK):
        return {}
    from plashui.store.changes.saved_changes import unsaved  # few stores have any

    found: dict[int, list[Kept]] = {}
    for one in unsaved(place):
        found.setdefault(one.image, []).append(one)
    return found


def unsaved_orphans(place: Store) -> list[Kept]:
    """Return the unsaved changes of removed images."""
    images = place.read().images
    every = unsaved_by_image(place)
    return [one for image, ones in every.items() if image not in images for one in ones]


def unsaved_words(one: Kept) -> str:
    """Describe changes: name, size, age, and whether a shell uses them."""
    when = age(time.time() - one.saved) if one.saved else "?"
    how = ", in use" if one.running else ", cut off" if one.cut_off else ""
    return f"{one.name}  {size(one.bytes or 0)}, {when}{how}"


def unsaved_json(one: Kept) -> dict[str, Any]:
    """Return changes as JSON; `removed` is null unless they were discarded."""
    return {
        "changes": one.name,
        "image": one.image,
        "command": one.way.command,
        "saved": one.saved,
        "removed": one.removed or None,
        "running": one.running,
        "cut_off": one.cut_off,
        "bytes": one.bytes,
        "path": str(one.place),
    }
