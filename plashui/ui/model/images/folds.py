"""Builds and long chains as one row: their images are folded into that of the last.

A step on which nothing but the next step is built, and about which there is nothing to
say, has no row of its own. The row of the last one stands for all of them, as long as
its build is folded. So does the row "3 more" for the middle of a long chain of such
images.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

from plashui.model.forest import Forest, Size

LONG: Final = 3
"""Images from which on the middle of a chain is folded."""


class Folds(NamedTuple):
    """The builds and long chains of a forest.

    `steps` has the images that are folded into the row of another, the first one first;
    `rows` has for each of them the image of its row. `unfolded` has for each image of a
    build or chain that is not folded the last one. `chains` are the images whose rows
    stand for a chain: it has no end that would be shown instead.
    """

    steps: Mapping[int, tuple[int, ...]] = {}
    rows: Mapping[int, int] = {}
    unfolded: Mapping[int, int] = {}
    chains: Set[int] = frozenset()

    def first(self, image: int) -> int:
        """Return the first of the images that the row of an image stands for."""
        return self.steps.get(image, (image,))[0]

    def whole(self, image: int) -> tuple[int, ...]:
        """Return all images that the row of an image stands for."""
        return (*self.steps.get(image, ()), image)

    def marked(self, image: int) -> tuple[int, ...]:
        """Return the images that a mark on the row of an image is for.

        The last step of a build is what it made; no image of a chain is.
        """
        return self.whole(image) if image in self.chains else (image,)

    def top(self, image: int, *, marked: bool) -> int:
        """Return what the removal of a row, or of a marked image, begins with."""
        return image if marked and image in self.chains else self.first(image)

    def own(self, forest: Forest, image: int) -> Size:
        """Return the size of the layers that the row of an image stands for."""
        if image not in self.steps:
            return forest.own(image)
        sizes = [forest.own(one) for one in self.whole(image)]
        return Size(sum(one.bytes for one in sizes), all(one.known for one in sizes))

    def subtree(self, forest: Forest, image: int) -> Size:
        """Return what removing all that the row of an image stands for frees."""
        return forest.subtree(self.first(image))


NO_FOLDS = Folds()


def folded(steps: tuple[int, ...], image: int) -> Folds:
    """Return the folds of which these steps are in the row of an image."""
    return Folds({image: steps}) if steps else NO_FOLDS


def folds(
    forest: Forest,
    apart: Set[int],
    opened: Set[int],
    told_of: Set[int] = frozenset(),
) -> Folds:
    """Return the builds and the long chains of a forest.

    Images of `apart` have a row of their own in any case, those of `told_of` if they
    are in a chain. `opened` are the first images of those that are not folded.
    """
    inner = [step for step in forest.steps() if step not in apart]
    links = forest.links() - apart - told_of
    if not inner and not links:
        return NO_FOLDS
    images, hidden = forest.images, set(inner)
    steps: dict[int, tuple[int, ...]] = {}
    rows: dict[int, int] = {}
    unfolded: dict[int, int] = {}
    for first in inner:
        if images[first].parent in hidden:
            continue
        run = [first]
        while (last := images[run[-1]].children[0]) in hidden:
            run.append(last)
        if first in opened:
            unfolded.update(dict.fromkeys((*run, last), last))
        else:
            steps[last] = tuple(run)
            rows.update(dict.fromkeys(run, last))
    chains: set[int] = set()
    for first in links:
        if images[first].parent in links:
            continue
        run = [first]
        while (last := images[run[-1]].children[0]) in links:
            run.append(last)
        if len(run) < LONG:
            continue
        last = run[-1]
        if first in opened:
            unfolded.update(dict.fromkeys(run, last))
        else:
            chains.add(last)
            steps[last] = tuple(run[:-1])
            rows.update(dict.fromkeys(run[:-1], last))
    return Folds(steps, rows, unfolded, chains)
