"""The images of a store as a value: parents, children and sizes.

Pure data without recursion: a chain may have thousands of layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.empty_image import EMPTY_IMAGE as EMPTY_IMAGE

if TYPE_CHECKING:
    from typing import Final

MOST_BYTES: Final = (1 << 63) - 1
"""The biggest size that is counted: the kernel's limit for one file."""


class Usage(NamedTuple):
    """Disk use of one layer in bytes; `files` counts everything but directories."""

    allocated: int
    apparent: int
    files: int


_NOTHING: Final = Usage(0, 0, 0)


class Size(NamedTuple):
    """Allocated bytes; a lower bound if `known` is False: some layer is uncounted."""

    bytes: int
    known: bool


class Image(NamedTuple):
    """One image: a parent and one layer of its own.

    `created` is in epoch seconds; `own` is None until the layer is counted. `step` says
    whether a step of a build made it. A tuple, because ten thousand of them are made
    before the first screen is drawn.
    """

    id: int
    parent: int
    children: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    origin: str = ""
    created: float | None = None
    own: Usage | None = None
    step: bool = False


class Forest:
    """All images of a store at one moment, with their sizes."""

    __slots__ = (
        "__weakref__",
        "_counts",
        "_links",
        "_missing",
        "_steps",
        "_sums",
        "images",
        "pinned",
        "roots",
    )

    def __init__(
        self,
        images: Mapping[int, Image],
        pinned: AbstractSet[int] = frozenset(),
        roots: tuple[int, ...] | None = None,
    ) -> None:
        """Build a forest of images whose `children` and `parent` are consistent.

        `pinned` are images that a shrink spares; it may contain ids without an image.
        `roots`, if given, are the images whose parent is not among the images.
        """
        self.images = images if isinstance(images, dict) else dict(images)
        self.pinned = pinned
        if roots is None:
            tops = [i.id for i in self.images.values() if i.parent not in self.images]
            roots = tuple(sorted(tops))
        self.roots = roots
        # Of images with children, and of image 0 for all; computed on first use.
        self._sums: dict[int, int] = {}
        self._missing: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._steps: tuple[int, ...] | None = None
        self._links: frozenset[int] | None = None

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __contains__(self, image: object) -> bool:
        """Return whether there is an image with this id."""
        return image in self.images

    def preorder(self, *tops: int) -> list[int]:
        """Return ids from `tops` (default: roots) down, parents before children."""
        order: list[int] = []
        stack = list(reversed(tops or self.roots))
        images = self.images
        while stack:
            node = stack.pop()
            order.append(node)
            stack.extend(reversed(images[node].children))
        return order

    def descendants(self, image: int) -> list[int]:
        """Return the image, then all images built on it, parents first."""
        return self.preorder(image)

    def lineage(self, image: int) -> list[int]:
        """Return the image and its ancestors, topmost first, without image 0."""
        line: list[int] = []
        at = image
        while at in self.images:
            line.append(at)
            at = self.images[at].parent
        return line

    def ancestry(self, image: int) -> list[int]:
        """Return the image and its ancestors, topmost first, image 0 last."""
        return [*self.lineage(image), EMPTY_IMAGE]

    def common_ancestor(self, one: int, other: int) -> int:
        """Return the nearest image in both ancestries; 0 if they share no other."""
        below = set(self.ancestry(other))
        return next(image for image in self.ancestry(one) if image in below)

    def own(self, image: int) -> Size:
        """Return the size of the image's own layer."""
        usage = self.images[image].own
        return Size(usage.allocated, True) if usage is not None else Size(0, False)

    def chain(self, image: int) -> Size:
        """Return the size of the image's layer and all layers below it."""
        own = [self.images[i].own for i in self.lineage(image)]
        return Size(sum(u.allocated for u in own if u), all(u is not None for u in own))

    def subtree(self, image: int) -> Size:
        """Return the size of the image and all built on it: what removing it frees."""
        if not self.images[image].children:
            return self.own(image)
        if not self._sums:
            self._sum_up()
        return Size(self._sums[image], not self._missing[image])

    def weights(self, images: Iterable[int]) -> list[int]:
        """Return the bytes of each image's subtree, fast for very many images."""
        if not self._sums:
            self._sum_up()
        nodes, sums = self.images, self._sums
        return [
            sums[i] if i in sums else own[0] if (own := nodes[i][6]) else 0
            for i in images
        ]

    def total(self) -> Size:
        """Return the size of all layers."""
        if not self._sums:
            self._sum_up()
        return Size(self._sums[EMPTY_IMAGE], not self._missing[EMPTY_IMAGE])

    def count(self, image: int) -> int:
        """Return the number of images in a subtree, including its root."""
        if not self.images[image].children:
            return 1
        if not self._counts:
            self._count_up()
        return self._counts[image]

    def with_counted(self, counted: Mapping[int, Image]) -> Forest:
        """Return the forest with some images replaced by counted ones.

        Ids that are not in the forest are ignored.
        """
        images = self.images.copy()
        new = {i: image for i, image in counted.items() if i in images}
        images.update(new)
        forest = Forest(images, self.pinned, self.roots)
        forest._counts, forest._steps = self._counts, self._steps
        forest._links = self._links
        if self._sums:
            forest._sums, forest._missing = self._grown(new)
        return forest

    def _grown(self, counted: Mapping[int, Image]) -> tuple[dict[int, int], ...]:
        """Update the sums and the numbers of uncounted layers for `counted`.

        Both are empty if summing up everything again takes fewer steps.
        """
        sums, missing = self._sums.copy(), self._missing.copy()
        steps = len(self.images)
        for image, after in counted.items():
            before = self.images[image].own
            more = (after.own or _NOTHING).allocated - (before or _NOTHING).allocated
            found = (before is None) - (after.own is None)
            for at in self.ancestry(image):
                steps -= 1
                if at in sums:
                    sums[at] += more
                    missing[at] -= found
            if steps < 0:
                return {}, {}
        return sums, missing

    def label(self, image: int) -> str:
        """Return an image's first name, else its origin, else ''.

        This is foreign text: pass it through `terminal_text.clean` before showing it.
        """
        node = self.images[image]
        return node.names[0] if node.names else node.origin

    def steps(self) -> tuple[int, ...]:
        """Return the steps of builds of which nothing came but the next step.

        They have neither a name nor a pin, and no other image is built on them.
        """
        if self._steps is None:
            images, pinned = self.images, self.pinned
            self._steps = tuple(
                image.id
                for image in images.values()
                if image.step
                and len(image.children) == 1
                and not image.names
                and images[image.children[0]].step
                and image.id not in pinned
            )
        return self._steps

    def links(self) -> frozenset[int]:
        """Return the images of which nothing came but one other image.

        They have neither a name nor a pin, are built on another image, and are no steps
        of builds.
        """
        if self._links is None:
            images, pinned = self.images, self.pinned
            self._links = frozenset(
                image.id
                for image in images.values()
                if len(image.children) == 1
                and not image.names
                and not image.step
                and image.parent in images
                and image.id not in pinned
            )
        return self._links

    def _upwards(self) -> list[int]:
        """Return all ids, children before their parents."""
        images = self.images
        # Ids are assigned in order: a child's is greater than its parent's.
        if all(image.parent < node for node, image in images.items()):
            return sorted(images, reverse=True)
        return self.preorder()[::-1]  # directories were moved by hand

    def _sum_up(self) -> None:
        """Compute the bytes and the uncounted layers of every subtree."""
        images = self.images
        sums = {EMPTY_IMAGE: 0}
        missing = {EMPTY_IMAGE: 0}
        for node in self._upwards():
            _id, parent, kids, _names, _origin, _created, own, _step = images[node]
            amount, lacks = (0, 1) if own is None else (own[0], 0)
            if kids:
                amount = sums[node] = sums.get(node, 0) + amount
                lacks = missing[node] = missing.get(node, 0) + lacks
            if parent not in images:
                parent = EMPTY_IMAGE
            sums[parent] = sums.get(parent, 0) + amount
            if lacks or parent not in missing:
                missing[parent] = missing.get(parent, 0) + lacks
        self._sums, self._missing = sums, missing

    def _count_up(self) -> None:
        """Compute the number of images in every subtree."""
        counts: dict[int, int] = {}
        for node in self._upwards():
            kids = self.images[node].children
            if kids:
                counts[node] = 1 + sum([counts.get(kid, 1) for kid in kids])
        self._counts = counts


def build_forest(images: Iterable[Image]) -> Forest:
    """Return a forest of images with known parents; fill in their children."""
    by_id = {image.id: image for image in images}
    children: dict[int, list[int]] = {}
    for image in by_id.values():
        children.setdefault(image.parent, []).append(image.id)
    for parent, kids in children.items():
        if parent in by_id:
            by_id[parent] = by_id[parent]._replace(children=tuple(sorted(kids)))
    return Forest(by_id)


def layer_paths(forest: Forest) -> dict[int, str]:
    """Return the directory of each image's layer, relative to the store."""
    paths: dict[int, str] = {}
    for image in forest.preorder():
        parent = forest.images[image].parent
        paths[image] = f"{paths.get(parent, 'layer/0')}/{image}"
    return paths


def lineage_paths(forest: Forest, image: int) -> list[str]:
    """Return the layer directories of an image and its ancestors, topmost first.

    Paths are relative to the store. Raises KeyError if there is no such image.
    """
    if image not in forest:
        raise KeyError(image)
    path = "layer/0"
    paths = [path := f"{path}/{at}" for at in reversed(forest.lineage(image))]
    return paths[::-1]


def paths_below(forest: Forest, *tops: int) -> dict[int, str]:
    """Return the layer directories of images and all built on them, parents first.

    Paths are relative to the store.
    """
    paths: dict[int, str] = {}
    for top in tops:
        paths[top] = lineage_paths(forest, top)[0]
        for image in forest.descendants(top)[1:]:
            paths[image] = f"{paths[forest.images[image].parent]}/{image}"
    return paths
