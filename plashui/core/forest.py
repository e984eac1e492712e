"""The images of a store as a value: parents, children and the three sizes.

Pure data: nothing here touches the disk, and nothing recurses, so a chain of
thousands of layers is as good as one of three.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

EMPTY_IMAGE = 0
"""The id of the special image without files on which every chain stands."""


class Usage(NamedTuple):
    """Disk use of one layer: bytes allocated, bytes apparent, non-directories."""

    allocated: int
    apparent: int
    files: int


class Size(NamedTuple):
    """Allocated bytes; `known` is False while a layer in the sum is uncounted."""

    bytes: int
    known: bool


class Image(NamedTuple):
    """One image: a parent and one layer of its own.

    `created` is in seconds since the epoch; `own` is None until counted. (A tuple,
    because ten thousand of them are made before the first screen can be drawn.)
    """

    id: int
    parent: int
    children: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    origin: str = ""
    created: float | None = None
    own: Usage | None = None


class Forest:
    """All images of a store at one moment, with their sizes worked out."""

    __slots__ = ("_subtree", "_uncounted", "images", "pinned", "roots")

    def __init__(
        self, images: Mapping[int, Image], pinned: AbstractSet[int] = frozenset()
    ) -> None:
        """Take images whose `children` and `parent` agree with each other.

        `pinned` are those that a shrink never takes; ids of no image do no harm.
        """
        self.images: dict[int, Image] = dict(images)
        self.pinned = pinned
        self.roots: tuple[int, ...] = tuple(
            sorted([i.id for i in self.images.values() if i.parent not in self.images])
        )
        self._subtree: dict[int, int] = {}
        self._uncounted: set[int] = set()

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.images)

    def __contains__(self, image: object) -> bool:
        """Whether there is an image of that id."""
        return image in self.images

    def preorder(self, *tops: int) -> list[int]:
        """Ids from `tops` (default: all roots) down, parents before their children."""
        order: list[int] = []
        stack = list(reversed(tops or self.roots))
        images = self.images
        while stack:
            node = stack.pop()
            order.append(node)
            stack.extend(reversed(images[node].children))
        return order

    def descendants(self, image: int) -> list[int]:
        """The image itself, then all that stands on it."""
        return self.preorder(image)

    def lineage(self, image: int) -> list[int]:
        """The image, its parent, and so on down to the last one above image 0."""
        line: list[int] = []
        at = image
        while at in self.images:
            line.append(at)
            at = self.images[at].parent
        return line

    def ancestry(self, image: int) -> list[int]:
        """The image and all it stands on, image 0 last."""
        return [*self.lineage(image), EMPTY_IMAGE]

    def common_ancestor(self, one: int, other: int) -> int:
        """The nearest image that both are or stand on; 0 if there is none."""
        below = set(self.ancestry(other))
        return next(image for image in self.ancestry(one) if image in below)

    def own(self, image: int) -> Size:
        """This layer alone."""
        usage = self.images[image].own
        return Size(usage.allocated, True) if usage is not None else Size(0, False)

    def chain(self, image: int) -> Size:
        """This layer and all it stands on."""
        own = [self.images[i].own for i in self.lineage(image)]
        return Size(sum(u.allocated for u in own if u), all(u is not None for u in own))

    def subtree(self, image: int) -> Size:
        """This layer and all that stands on it: what removing it frees."""
        if not self._subtree:
            self._sum_up()
        return Size(self._subtree[image], image not in self._uncounted)

    def total(self) -> Size:
        """All layers."""
        if not self._subtree:
            self._sum_up()
        total = sum([self._subtree[root] for root in self.roots])
        return Size(total, not self._uncounted)

    def with_usage(self, usages: Mapping[int, Usage]) -> Forest:
        """The same forest with these layers counted."""
        images = dict(self.images)
        for image, usage in usages.items():
            if image in images:
                images[image] = images[image]._replace(own=usage)
        return Forest(images, self.pinned)

    def label(self, image: int) -> str:
        """What a person calls it: the first name, else where it came from, else ''.

        Text from outside: pass it through `text.clean` before showing it.
        """
        node = self.images[image]
        return node.names[0] if node.names else node.origin

    def _sum_up(self) -> None:
        """Work out all subtrees: children before parents, each added to its parent."""
        images = self.images
        sums = {n: own[0] if (own := i.own) else 0 for n, i in images.items()}
        uncounted = {node for node, image in images.items() if image.own is None}
        # Ids are given out in order, so a child's is greater than its parent's.
        order = sorted(images, reverse=True)
        if any(image.parent > node for node, image in images.items()):
            order = self.preorder()[::-1]  # somebody has moved directories about
        for node in order:
            parent = images[node].parent
            if parent in sums:
                sums[parent] += sums[node]
                if uncounted and node in uncounted:
                    uncounted.add(parent)
        self._subtree, self._uncounted = sums, uncounted


def build_forest(images: Iterable[Image]) -> Forest:
    """A forest of images given with their parents only; children are worked out."""
    by_id = {image.id: image for image in images}
    children: dict[int, list[int]] = {}
    for image in by_id.values():
        children.setdefault(image.parent, []).append(image.id)
    for parent, kids in children.items():
        if parent in by_id:
            by_id[parent] = by_id[parent]._replace(children=tuple(sorted(kids)))
    return Forest(by_id)


def layer_paths(forest: Forest) -> dict[int, str]:
    """Where each image's layer is, relative to the store."""
    paths: dict[int, str] = {}
    for image in forest.preorder():
        parent = forest.images[image].parent
        paths[image] = f"{paths.get(parent, 'layer/0')}/{image}"
    return paths
