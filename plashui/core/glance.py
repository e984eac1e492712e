"""The top of a big store at once, before all of it is read.

Ten thousand images take a few hundredths of a second to read, which is what a person
waits for when the app starts. What is on the first screen takes a tenth of that.
"""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from plashui.core import marks
from plashui.core.census import image_id
from plashui.core.forest import EMPTY_IMAGE, Forest, Image
from plashui.core.meta import read_image
from plashui.core.store import Store

SMALL: Final = 400
"""Images up to which a store is read at once."""

SCREEN: Final = 70
"""Images on the ground that are looked at in a bigger one."""


class Glance(NamedTuple):
    """The first look at a store of `count` images.

    Unless it is `whole`, the forest holds only the first images on the ground, and of
    those that stand on them only one, not counted, so that sizes are known to be more.
    """

    forest: Forest
    total: int
    whole: bool


def glance(store: Store) -> Glance:
    """Look at a store: all of a small one, the top of a big one."""
    try:
        names = os.listdir(store.path / "index")
        count = len(names) - ("0" in names)
        if count <= SMALL:
            raise OSError
        ground = f"{store.path}/layer/{EMPTY_IMAGE}"
        known = set(names)
        tops = _children(ground, known)
    except OSError:
        forest = store.read()
        return Glance(forest, len(forest), True)
    labels = store.names()
    images: dict[int, Image] = {}
    for top in tops[:SCREEN]:
        place = f"{ground}/{top}"
        below = tuple(_children(place, known)[:1])
        named = tuple(labels.get(top, ()))
        image = read_image(place, top, EMPTY_IMAGE)
        images[top] = image._replace(children=below, names=named)
        images.update((kid, Image(kid, top)) for kid in below)
    return Glance(Forest(images, marks.pinned(store.root)), count, False)


def _children(directory: str, known: set[str]) -> list[int]:
    """The images whose layers are nested right in this directory."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return sorted(filter(None, map(image_id, known.intersection(names))))
