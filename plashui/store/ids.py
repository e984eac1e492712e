"""Ids of images, and when the image of an id was born.

The old program's `purge` begins anew with the ids, so that an id may become another
image's. No two images were born at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from plashui.base.light import TYPE_CHECKING
from plashui.store.metadata import DATA

if TYPE_CHECKING:
    from plashui.store.store import Store


def image_id(name: str) -> int | None:
    """Return the id that a directory or link name stands for; None if it is not one."""
    if not (name.isascii() and name.isdecimal()) or name[0] == "0" or len(name) > 10:
        return None
    return int(name)


def image_ids(names: Iterable[str]) -> list[int]:
    """Return the ids among many names; faster than `image_id` for each."""
    return [
        int(name)
        for name in names
        if name.isdecimal() and name[0] != "0" and len(name) <= 10 and name.isascii()
    ]


def born(store: Store, image: int) -> int | None:
    """Return when an image was born: see FORMAT.md; None if it is not there."""
    try:
        return os.stat(f"{store.root}/index/{image}/{DATA}").st_mtime_ns
    except OSError:
        return None
