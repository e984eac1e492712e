"""What fills the store: bytes by distribution, and how it has grown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final, NamedTuple

from plashui.base.terminal_text import clean
from plashui.model.forest import Forest

HUES: Final = 6
"""Colours there are for distributions; more distributions share them."""

PREFERRED: Final = {
    **{"debian": 0, "ubuntu": 1, "fedora": 2, "alpine": 3, "arch": 2, "rhel": 0},
    **{"centos": 4, "rocky": 5, "alma": 4, "opensuse": 5, "void": 5, "nixos": 2},
}
"""The colour that a distribution gets if no other has it already."""

LATELY: Final = 30
"""Days of which the growth is shown in numbers."""

COLUMNS: Final = 12
"""Columns of the picture of the growth."""

_DAY: Final = 86_400.0


class Group(NamedTuple):
    """All trees of one distribution: their bytes, and the number of their colour."""

    name: str
    hue: int
    bytes: int


class Hues:
    """The colour of each image: that of the distribution at the bottom of its chain."""

    def __init__(self, forest: Forest, by_root: Mapping[int, int]) -> None:
        """Take the colours of the images without a parent."""
        self._images, self._known = forest.images, dict(by_root)

    def of(self, image: int) -> int:
        """Return the number of the image's colour."""
        way: list[int] = []
        at = image
        while at not in self._known and at in self._images:
            way.append(at)
            at = self._images[at].parent
        hue = self._known.get(at, 0)
        self._known.update(dict.fromkeys(way, hue))
        return hue


class Shares(NamedTuple):
    """What fills the store.

    `groups` are the distributions, biggest first; `hues` the colours of the images.
    `largest` is the size of the largest layer. `growth` has the bytes there were at
    `COLUMNS` moments from the first image on, `lately` those of the last `LATELY` days.
    """

    groups: tuple[Group, ...] = ()
    hues: Hues = Hues(Forest({}), {})
    largest: int = 0
    growth: tuple[int, ...] = ()
    lately: int = 0


NO_SHARES: Final = Shares()


def shares(forest: Forest, systems: Mapping[int, str], now: float) -> Shares:
    """Compute the shares of a forest; `systems` are what its roots are, if known."""
    names = {root: group_name(forest, root, systems) for root in forest.roots}
    colours = _colours(names.values())
    sums: dict[str, int] = {}
    for root, weight in zip(forest.roots, forest.weights(forest.roots), strict=True):
        sums[names[root]] = sums.get(names[root], 0) + weight
    groups = sorted(
        (Group(name, colours[name], total) for name, total in sums.items()),
        key=lambda group: (-group.bytes, group.name),
    )
    by_root = {root: colours[name] for root, name in names.items()}
    largest = lately = 0
    since = now - LATELY * _DAY
    for image in forest.images.values():
        own, created = image.own, image.created
        if own is not None:
            largest = max(largest, own[0])
            if created is not None and created > since:
                lately += own[0]
    growth = _growth(forest, now)
    return Shares(tuple(groups), Hues(forest, by_root), largest, growth, lately)


def group_name(forest: Forest, root: int, systems: Mapping[int, str]) -> str:
    """Return the short name of a distribution: `debian`; else what the image is called.

    It is clean.
    """
    system = systems.get(root, "")
    if system:
        return clean(system.split()[0].split("/")[0].lower())
    label = forest.label(root) if forest.images[root].names else ""
    name = re.split(r"[:@]", label.rpartition("/")[2])[0]
    return clean(name) or "others"


def _colours(names: Iterable[str]) -> dict[str, int]:
    """Give each name a colour of its own as long as there are any, in this order."""
    colours: dict[str, int] = {}
    every = list(dict.fromkeys(names))
    for name in every:
        hue = PREFERRED.get(name.split("-")[0])
        if hue is not None and hue not in colours.values():
            colours[name] = hue
    for name in every:
        if name not in colours:
            free = [hue for hue in range(HUES) if hue not in colours.values()]
            colours[name] = free[0] if free else len(colours) % HUES
    return colours


def _growth(forest: Forest, now: float) -> tuple[int, ...]:
    """Return the bytes at evenly spaced moments; () if all is of one moment."""
    made = (image.created for image in forest.images.values())
    dates = [created for created in made if created is not None]
    first = min(dates, default=now)
    if now - first < 1:
        return ()
    added = [0] * COLUMNS
    before = 0  # what has no date was there at the first
    for image in forest.images.values():
        own, created = image.own, image.created
        if own is None:
            continue
        if created is None:
            before += own[0]
            continue
        place = int((created - first) / (now - first) * COLUMNS)
        added[min(COLUMNS - 1, place)] += own[0]
    growth = tuple(accumulate(added, initial=before))[1:]
    return growth if growth[0] < growth[-1] else ()


class Part(NamedTuple):
    """One stretch of the bar: its name, bytes, the kind of its colour, its sign."""

    name: str
    bytes: int
    kind: str
    sign: str = "█"


MOST: Final = 5
"""Distributions with a stretch of their own; the rest share one."""


def parts(
    groups: Iterable[Group], trash: int, unsaved: int | None, other: int
) -> list[Part]:
    """Return the stretches of the bar, left to right.

    `other` is what is neither an image, nor trash, nor unsaved changes: it is left out
    if one could not see it.
    """
    every = [group for group in groups if group.bytes]
    total = sum(group.bytes for group in every) + trash + (unsaved or 0) + other
    shown = [Part(g.name, g.bytes, f"hue{g.hue}") for g in every[:MOST]]
    left = sum(group.bytes for group in every[MOST:])
    if left:
        shown.append(Part(f"{len(every) - MOST} more", left, "faint"))
    return [
        *shown,
        *([Part("trash", trash, "trash", "▒")] if trash else []),
        *([] if unsaved is None else [Part("unsaved", unsaved, "unsaved")]),
        *(
            [Part("other", other, "other", "░")]
            if other and other * 100 >= total
            else []
        ),
    ]


def widths(amounts: list[int], width: int) -> list[int]:
    """Divide `width` cells in proportion to the amounts; each gets at least one."""
    total = sum(amounts)
    if not total or width < len(amounts):
        return [int(at < width) for at in range(len(amounts))]
    cells = [max(1, int(amount * width / total)) for amount in amounts]
    while sum(cells) > width:
        cells[cells.index(max(cells))] -= 1
    while sum(cells) < width:
        short = [a * width / total - c for a, c in zip(amounts, cells, strict=True)]
        cells[short.index(max(short))] += 1
    return cells
