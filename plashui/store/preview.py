"""A preview of a big store, for the first screen of the app.

Reading ten thousand images takes a few hundredths of a second; reading only those on
the first screen takes a tenth of that.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import islice

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE, Forest, Image
from plashui.store import layout, marks
from plashui.store.ids import image_ids
from plashui.store.metadata import read_image
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

SMALL: Final = 400
"""Images up to which a store is read completely."""

SCREEN: Final = 70
"""Images without a parent that are read of a bigger store."""


COUNTED: Final = 4_000
"""Entries of index/ that are counted, which takes 2 ms.

If the store has assigned more ids, only enough are counted to know that it is big.
"""


NAMED: Final = 400
"""Names that are read; further names appear when the whole store is read."""


class Glance(NamedTuple):
    """A preview of a store with `total` images (None: too many to count).

    `greatest` is the greatest id of all its images, or the greatest one assigned.

    Unless it is `whole`, the forest has only the first images without a parent, each
    with at most one uncounted child, which marks the sizes as lower bounds.
    """

    forest: Forest
    total: int | None
    whole: bool
    greatest: int


def glance(store: Store) -> Glance:
    """Read all of a small store, or the first images of a big one."""
    given = layout.given_ids(store.root)
    most = COUNTED if given < COUNTED else SMALL + 2
    try:
        with os.scandir(f"{store.root}/index") as entries:
            names = [entry.name for entry in islice(entries, most)]
    except OSError:
        names = []
    if len(names) <= SMALL + 1:
        forest = store.read()
        return Glance(forest, len(forest), True, max(forest.images, default=0))
    ground = f"{store.root}/layer/{EMPTY_IMAGE}"
    tops = _children(ground)
    labels = store.names(NAMED)
    images: dict[int, Image] = {}
    for top in islice(filter(partial(_indexed, store), tops), SCREEN):
        place = f"{ground}/{top}"
        kids = filter(partial(_indexed, store), _children(place))
        below = tuple(islice(kids, 1))
        named = tuple(labels.get(top, ()))
        image = read_image(place, top, EMPTY_IMAGE)
        images[top] = image._replace(children=below, names=named)
        images.update((kid, Image(kid, top)) for kid in below)
    total = len(names) - ("0" in names) if len(names) < most else None
    greatest = given if total is None else max(image_ids(names))
    return Glance(Forest(images, marks.pinned(store.root)), total, False, greatest)


def _children(directory: str) -> list[int]:
    """Return the ids of the layers directly inside a directory, sorted."""
    try:
        return sorted(image_ids(os.listdir(directory)))
    except OSError:
        return []


def _indexed(store: Store, image: int) -> bool:
    """Return whether a layer is an image, which takes a link in index/."""
    return os.path.lexists(f"{store.root}/index/{image}")
