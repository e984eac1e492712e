"""Find out what fills the store, by distribution."""

from __future__ import annotations

import time
from typing import Final

from plashui.model.forest import Forest
from plashui.store.store import Store
from plashui.ui.model.images.shares import Shares, shares

MOST: Final = 24
"""Images without a parent whose files are asked for their distribution."""


class Sharer:
    """Compute the shares of a store; what its layers are is asked once."""

    def __init__(self) -> None:
        """Start without anything known."""
        self._systems: dict[int, str] = {}
        self._root = ""

    def of(self, store: Store, forest: Forest) -> Shares:
        """Return what fills the store; for very many images, in a thread."""
        from plashui.image.os_release import named_by

        if store.root != self._root:
            self._root, self._systems = store.root, {}
        systems = self._systems
        for root in forest.roots[:MOST]:
            if root not in systems:
                systems[root] = named_by(store, f"layer/0/{root}")
        return shares(forest, systems, time.time())
