"""The sort orders of images."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from plashui.model.forest import Forest, Image
from plashui.store.activity import Facts
from plashui.ui.model.images.folds import NO_FOLDS, Folds


class Order(StrEnum):
    """A sort order; its value is the heading of the column."""

    ID = "ID"
    SUBTREE = "SUBTREE"
    OWN = "OWN"
    AGE = "AGE"
    NAME = "NAME"
    USED = "USED"

    def next(self) -> Order:
        """Return the next order; the first follows the last."""
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]

    @property
    def arrow(self) -> str:
        """The arrow of the direction: down if the biggest comes first, else up."""
        return "▾" if self in (Order.SUBTREE, Order.OWN) else "▴"

    def arrow_of(self, *, reverse: bool) -> str:
        """Return the arrow of the direction, or of the other one."""
        return {"▾": "▴", "▴": "▾"}[self.arrow] if reverse else self.arrow

    @property
    def by_size(self) -> bool:
        """Whether counting layers changes the order."""
        return self in (Order.SUBTREE, Order.OWN)


def ordered(
    ids: Iterable[int],
    order: Order,
    forest: Forest,
    facts: Facts,
    folds: Folds = NO_FOLDS,
) -> list[int]:
    """Sort ids of the forest by what their rows show; equal ones by id."""
    by_id = sorted(ids)
    if order is Order.ID:
        return by_id
    return sorted(by_id, key=_key(order, forest, facts, folds))


def _key(
    order: Order, forest: Forest, facts: Facts, folds: Folds
) -> Callable[[int], Any]:
    images, used = forest.images, facts.used
    if order is Order.SUBTREE:
        return lambda image: -folds.subtree(forest, image).bytes
    if order is Order.OWN and folds.steps:
        return lambda image: -folds.own(forest, image).bytes
    if order is Order.OWN:
        return lambda image: -(own[0] if (own := images[image].own) else 0)
    if order is Order.AGE:
        return lambda image: -(images[image].created or 0.0)
    if order is Order.USED:
        in_use = facts.in_use
        return lambda image: (image not in in_use, -used.get(image, 0.0))
    return lambda image: _spelling(images[image])


def _spelling(image: Image) -> tuple[bool, bool, str]:
    """Sort key: names first, ignoring case, then origins, then neither."""
    label = image.names[0] if image.names else image.origin
    return not image.names, not label, label.casefold()
