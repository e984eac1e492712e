"""Where the blocks of the usage map lie: a squarified treemap in whole cells.

The area of an image's block is proportional to the bytes of its subtree. If there is
room, its first line is a title, and below are the blocks of its own layer and of its
children, divided in the same way. A chain of only children has one title: its layers
lie beside each other. Siblings that are too small share one block: "12 more".
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple

from plashui.model.forest import Forest

ASPECT: Final = 2.2
"""Height of a cell divided by its width."""

LEAST: Final = 18
"""Least cells of a block; smaller ones share a block."""

NARROW: Final = 6
"""The least width of a block."""

ROOM: Final = (14, 4)
"""Width and height from which on a block is divided."""


class Kind(Enum):
    """What a block stands for.

    A subtree, its title, its own layer, the layer of another image of its chain, or the
    rest.
    """

    WHOLE = "whole"
    TITLE = "title"
    OWN = "own"
    LAYER = "layer"
    MORE = "more"


class Place(NamedTuple):
    """What the map shows: all images (None) or an image with its descendants.

    `rest` restricts it to these children, which had no room on the map before.
    """

    image: int | None = None
    rest: tuple[int, ...] = ()


class Box(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column after the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first line after the box."""
        return self.y + self.height

    def holds(self, x: int, y: int) -> bool:
        """Say whether a cell is in the box."""
        return self.x <= x < self.right and self.y <= y < self.bottom


class Block(NamedTuple):
    """One block. `whole` is the box of which it is the title, else the same as `box`.

    `image` is what it stands for; for a block of the kind MORE, their parent, and
    `rest` are the images in it.
    """

    kind: Kind
    image: int | None
    box: Box
    whole: Box
    bytes: int
    depth: int
    rest: tuple[int, ...] = ()


class _Item(NamedTuple):
    """Something that gets a box in proportion to its weight."""

    kind: Kind
    image: int | None
    weight: int
    bytes: int
    rest: tuple[int, ...] = ()


def layout(forest: Forest, place: Place, width: int, height: int) -> list[Block]:
    """Compute all blocks of a map of this size, outer ones first."""
    blocks: list[Block] = []
    if width < NARROW or height < 1 or not len(forest):
        return blocks
    whole = Box(0, 0, width, height)
    stack: list[tuple[_Item, Box, int]] = []
    if place.image is not None and not place.rest:
        size = forest.subtree(place.image).bytes
        stack.append((_Item(Kind.WHOLE, place.image, 1, size), whole, 0))
    else:
        between = _chain(forest, place.image)[0] if place.image is not None else ()
        some = place.rest or forest.roots
        area = width * height
        items = _items(forest, place.image, some, area, own=False, links=between)
        stack += _placed(items, whole, 0)
    while stack:
        item, box, depth = stack.pop()
        kids: Sequence[int] = ()
        links: Sequence[int] = ()
        if item.kind is Kind.WHOLE and item.image is not None:
            links, kids = _chain(forest, item.image)
        if not kids or box.width < ROOM[0] or box.height < ROOM[1]:
            kind, image, _weight, size, rest = item
            blocks.append(Block(kind, image, box, box, size, depth, rest))
            continue
        title = box._replace(height=1)
        blocks.append(Block(Kind.TITLE, item.image, title, box, item.bytes, depth))
        inner = box._replace(y=box.y + 1, height=box.height - 1)
        area = inner.width * inner.height
        all_kids = (*links, *kids)
        items = _items(forest, item.image, all_kids, area, own=True, links=links)
        stack += _placed(items, inner, depth + 1)
    return blocks


def _chain(forest: Forest, image: int) -> tuple[Sequence[int], Sequence[int]]:
    """Return the images between an image and the end of its chain, and what follows.

    That is the last only child of only children; without one, all children.
    """
    images = forest.images
    kids = images[image].children
    links: list[int] = []
    while len(kids) == 1 and len(images[kids[0]].children) == 1:
        links.append(kids[0])
        kids = images[kids[0]].children
    return links, kids


def _items(
    forest: Forest,
    image: int | None,
    kids: Sequence[int],
    area: int,
    *,
    own: bool,
    links: Sequence[int] = (),
) -> list[_Item]:
    """List what an area is divided into, biggest first; small ones joined as last.

    Of `links`, images of a chain, only their layers are meant.
    """
    between = set(links)
    sizes = forest.weights(kids)
    if between:
        sizes = [
            forest.own(kid).bytes if kid in between else size
            for size, kid in zip(sizes, kids, strict=True)
        ]
    layer = forest.own(image).bytes if own and image is not None else 0
    total = layer + sum(sizes)
    least = -(-LEAST * total // area)
    shown = [(s, k) for s, k in zip(sizes, kids, strict=True) if s >= least > 0]
    # Many small ones that take much together: show some of them anyway.
    small = [(s, k) for s, k in zip(sizes, kids, strict=True) if s < least or not least]
    left = sum(size for size, _kid in small)
    fitting = (left * area // total if total else area) // LEAST
    if total:  # of so many that the others would fill the half, fewer
        fitting = fitting - 1 if len(small) <= 2 * fitting else fitting // 2
    if fitting > 0 and small:
        shown += _biggest(small, min(fitting, len(small)))

    def piece(kid: int, size: int) -> _Item:
        return _Item(Kind.LAYER if kid in between else Kind.WHOLE, kid, size, size)

    items = [piece(kid, size) for size, kid in shown]
    if layer and layer >= least:
        items.append(_Item(Kind.OWN, image, layer, layer))
    if len(shown) < len(sizes):
        kept = {kid for _size, kid in shown}
        rest = tuple(kid for kid in kids if kid not in kept)
        left = total - layer - sum(size for size, _kid in shown)
        if len(rest) == 1:  # enough room for the id
            items.append(piece(rest[0], left))
        else:
            items.append(_Item(Kind.MORE, image, left, left, rest))
    # While no bytes are known, all images get the same weight.
    weights = [item.weight if total else len(item.rest) or 1 for item in items]
    items = [
        item._replace(weight=max(least, weight, 1))
        for item, weight in zip(items, weights, strict=True)
    ]
    return sorted(items, key=lambda item: (item.kind is Kind.MORE, -item.weight))


def _biggest(items: Sequence[tuple[int, int]], many: int) -> list[tuple[int, int]]:
    """Return the biggest of sizes with their images; among equal ones the first."""
    least = heapq.nlargest(many, (size for size, _kid in items))[-1]
    more = [(size, kid) for size, kid in items if size > least]
    same = (kid for size, kid in items if size == least)
    alike = [(least, k) for k in islice(same, many - len(more))]
    return [*more, *alike]


def _placed(
    items: Sequence[_Item], box: Box, depth: int
) -> list[tuple[_Item, Box, int]]:
    weights = [item.weight for item in items]
    boxes = _with_rest_apart(items, box) or squarify(weights, box)
    return [
        (item, at, depth)
        for item, at in zip(items, boxes, strict=True)
        if at.width > 0 and at.height > 0
    ][::-1]


def _with_rest_apart(items: Sequence[_Item], box: Box) -> list[Box]:
    """Return the boxes if the rest, which comes last, is larger than others.

    It gets the end of the box, since boxes are square only in the order of their size.
    """
    *others, rest = items
    if not others or rest.kind is not Kind.MORE or rest.weight <= others[-1].weight:
        return []
    share = rest.weight / sum(item.weight for item in items)
    across = box.width >= box.height * ASPECT
    whole, least = (box.width, NARROW) if across else (box.height, 2)
    thick = round(whole * share)
    if not least <= thick <= whole - least:
        return []
    room = box._replace(**{"width" if across else "height": whole - thick})
    end = Box(room.right, box.y, thick, box.height)
    if not across:
        end = Box(box.x, room.bottom, box.width, thick)
    return [*squarify([item.weight for item in others], room), end]


def squarify(weights: Sequence[int], box: Box) -> list[Box]:
    """Divide `box` without gaps into boxes that are as square as possible.

    A row or column of boxes grows as long as that makes its boxes squarer. An item for
    which no cell is left gets an empty box.
    """
    boxes: list[Box] = []
    left, total = box, sum(weights)
    at = 0
    while at < len(weights):
        if left.width <= 0 or left.height <= 0 or total <= 0:
            boxes += [left._replace(width=0, height=0)] * (len(weights) - at)
            break
        across = left.width >= left.height * ASPECT  # a column at the left, else a row
        length = left.height * ASPECT if across else float(left.width)
        area = left.width * left.height * ASPECT
        end = _fill(weights, at, length, area / total)
        strip = sum(weights[at:end])
        whole = left.width if across else left.height
        least = NARROW if across else 1
        thick = max(min(least, whole), min(whole, round(whole * strip / total)))
        if end == len(weights):
            thick = whole
        elif whole - thick < least:  # leave room for the others
            thick = max(1, whole - least)
        boxes += _strip(weights[at:end], left, thick, across=across)
        if across:
            left = Box(left.x + thick, left.y, left.width - thick, left.height)
        else:
            left = Box(left.x, left.y + thick, left.width, left.height - thick)
        total -= strip
        at = end
    return boxes


def _fill(weights: Sequence[int], at: int, length: float, scale: float) -> int:
    """Return where the row that begins with this weight ends."""
    strip = 0.0
    worst = float("inf")
    for end in range(at, len(weights)):
        strip += weights[end] * scale
        most, least = weights[at] * scale, weights[end] * scale
        side = strip / length
        shape = max(most / side**2, side**2 / least) if least else float("inf")
        if shape > worst:
            return end
        worst = shape
    return len(weights)


def _strip(weights: Sequence[int], box: Box, thick: int, *, across: bool) -> list[Box]:
    """Lay one column (`across`) or row of boxes along all of `box`.

    Each gets at least one line, or in a row `NARROW` columns, if there are enough.
    """
    boxes: list[Box] = []
    total, done, start = sum(weights), 0, 0
    length, count = (box.height if across else box.width), len(weights)
    least = 1 if across else NARROW
    if least * count > length:
        least = 0
    for at, weight in enumerate(weights, 1):
        done += weight
        end = round(length * done / total) if total else length
        end = max(start + least, min(end, length - least * (count - at)))
        if across:
            boxes.append(Box(box.x, box.y + start, thick, end - start))
        else:
            boxes.append(Box(box.x + start, box.y, end - start, thick))
        start = end
    return boxes


def neighbour(blocks: Sequence[Block], at: int, dx: int, dy: int) -> int:
    """Return the next block in a direction; the same one at the edge.

    Among the blocks further in that direction that overlap it sideways, take the
    nearest, and among equal ones the one with the closest middle.
    """
    here = blocks[at].box

    def rank(box: Box) -> tuple[int, float] | None:
        if dx:
            gap = box.x - here.right if dx > 0 else here.x - box.right
            beside = min(box.bottom, here.bottom) - max(box.y, here.y)
            off = abs((box.y + box.bottom) - (here.y + here.bottom))
        else:
            gap = box.y - here.bottom if dy > 0 else here.y - box.bottom
            beside = min(box.right, here.right) - max(box.x, here.x)
            off = abs((box.x + box.right) - (here.x + here.right))
        return (gap, off) if gap >= 0 and beside > 0 else None

    ranks = [(r, n) for n, b in enumerate(blocks) if (r := rank(b.box)) is not None]
    return min(ranks)[1] if ranks else at
