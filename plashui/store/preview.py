"""The top of a big store at once, before all of it is read.

Ten thousand images take a few hundredths of a second to read, which is what a person
waits for when the app starts. What is on the first screen takes a tenth of that.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import islice

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE, Forest, Image
from plashui.store import layout, marks
from plashui.store.metadata import read_image
from plashui.store.scan import image_ids
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

SMALL: Final = 400
"""Images up to which a store is read at once."""

SCREEN: Final = 70
"""Images on the ground that are looked at in a bigger one."""


COUNTED: Final = 12_000
"""Entries of index/ that are looked through; more are counted when all is read.

Where more ids were given out than that, nearly none are: so many cost 5 ms.
"""


NAMED: Final = 1_000
"""Names that are looked at; of very many some come when all is read."""


class Glance(NamedTuple):
    """The first look at a store of `total` images (None: of very many).

    Unless it is `whole`, the forest holds only the first images on the ground, and of
    those that stand on them only one, not counted, so that sizes are known to be more.
    """

    forest: Forest
    total: int | None
    whole: bool


def glance(store: Store) -> Glance:
    """Look at a store: all of a small one, the top of a big one."""
    try:
        most = COUNTED if layout.given_ids(store.root) < COUNTED else SMALL + 2
        with os.scandir(f"{store.root}/index") as entries:
            names = [entry.name for entry in islice(entries, most)]
        if len(names) <= SMALL + 1:
            raise OSError
        ground = f"{store.root}/layer/{EMPTY_IMAGE}"
        tops = _children(ground)
    except OSError:
        forest = store.read()
        return Glance(forest, len(forest), True)
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
    return Glance(Forest(images, marks.pinned(store.root)), total, False)


def _children(directory: str) -> list[int]:
    """The layers nested right in this directory, in order."""
    try:
        return sorted(image_ids(os.listdir(directory)))
    except OSError:
        return []


def _indexed(store: Store, image: int) -> bool:
    """Whether it is an image: the directory of a layer alone is none."""
    return os.path.lexists(f"{store.root}/index/{image}")
