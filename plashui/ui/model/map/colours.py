"""What the colours of the map mean: distribution, age, last use or size."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from plashui.model.forest import Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.row_cells import AGES, age_class
from plashui.ui.model.images.shares import NO_SHARES, Shares

_SIZES: Final = (
    (10**6, "< 1 MB"),
    (3 * 10**7, "< 30 MB"),
    (3 * 10**8, "< 300 MB"),
    (10**9, "< 1 GB"),
    (float("inf"), "larger"),
)
"""Classes of the size of a layer, each with its upper limit and its name."""


class Colouring(StrEnum):
    """What the colours mean; its value is said in the legend."""

    DISTRIBUTION = "distribution"
    AGE = "age"
    USE = "last use"
    SIZE = "size"

    def next(self) -> Colouring:
        """Return the next one; the first follows the last."""
        every = list(Colouring)
        return every[(every.index(self) + 1) % len(every)]


def colour_of(
    image: int,
    forest: Forest,
    facts: Facts,
    colouring: Colouring,
    shares: Shares = NO_SHARES,
) -> str:
    """Return the name of an image's colour: `hue2` or `age4`."""
    node = forest.images[image]
    if colouring is Colouring.DISTRIBUTION:
        return f"hue{shares.hues.of(image)}"
    if colouring is Colouring.AGE:
        return f"age{age_class(node.created, facts.now)}"
    if colouring is Colouring.USE:
        used = facts.now if image in facts.in_use else facts.used.get(image)
        return f"age{age_class(used, facts.now)}"
    size = forest.own(image).bytes
    return f"age{next(at for at, (end, _name) in enumerate(_SIZES) if size < end)}"


def legend(colouring: Colouring, shares: Shares) -> list[tuple[str, str]]:
    """Return each colour with its meaning, a clean text."""
    if colouring is Colouring.DISTRIBUTION:
        return [(f"hue{group.hue}", group.name) for group in shares.groups[:6]]
    classes = _SIZES if colouring is Colouring.SIZE else AGES
    names = [name for _end, name in classes]
    if colouring is Colouring.USE:
        names[-1] = "never"
    return [(f"age{at}", name) for at, name in enumerate(names)]
