"""The store that verbs use."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.store.store import Store

if TYPE_CHECKING:
    from plashui.model.forest import Forest


def store() -> Store:
    """Return the store of this process."""
    return Store.locate()


def counted() -> Forest:
    """Return the images of the store, with every layer counted."""
    place = store()
    forest = place.read()
    if forest.total().known:
        return forest
    from plashui.store.disk_usage import measured  # starts the helper: rarely needed

    return measured(place, forest)
