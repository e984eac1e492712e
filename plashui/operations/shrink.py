"""Shrinking a store: removal of the oldest leaves, one after the other.

`plan_shrink` is a pure function of forest, wish and facts. `plan` collects the facts
from the store. `carry_out` removes exactly what was planned, or reports what changed.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable

from plashui.base.light import NamedTuple
from plashui.base.progress import Report, silent
from plashui.model.forest import Forest, layer_paths
from plashui.operations.removal_plan import EVERY, Allow, PlanChanged, plan_removal
from plashui.operations.remove import Removed, remove
from plashui.processes import holders
from plashui.store import marks
from plashui.store.activity import Facts
from plashui.store.disk_usage import measured, metadata_bytes
from plashui.store.locks import is_locked
from plashui.store.metadata import DATA
from plashui.store.store import Store
from plashui.store.trash.record import grounds


class Wish(NamedTuple):
    """The goal of a shrink; without `to`, `older` and `unused`, half of the images.

    `to`: stop when the images take at most these bytes. `older`, `unused`: only images
    made, or last used, more than these seconds ago. `names`: include named images.
    """

    to: int | None = None
    older: float | None = None
    unused: float | None = None
    names: bool = False

    @property
    def half(self) -> bool:
        """Whether the goal is half of the images, as in the old program."""
        return self.to is None and self.older is None and self.unused is None


class Step(NamedTuple):
    """One image to remove: the bytes this frees, and the sum of all steps so far."""

    image: int
    bytes: int
    freed: int


class Shrink(NamedTuple):
    """The plan of a shrink: `steps` in order; each image is a leaf at its turn.

    `before` and `after` are the bytes of all images. `short`: half, or the size, is
    not reached, because the rest must stay. `pinned`, `in_use`, `named` and `needed`
    (by images in the trash) are the images that stay regardless of age, each listed
    for its first reason; their ancestors stay, too. `now` is the time of the plan in
    epoch seconds.
    """

    wish: Wish
    now: float
    steps: tuple[Step, ...]
    before: int
    after: int
    short: bool
    pinned: tuple[int, ...]
    in_use: tuple[int, ...]
    named: tuple[int, ...]
    needed: tuple[int, ...] = ()

    @property
    def images(self) -> tuple[int, ...]:
        """The images to remove, in order."""
        return tuple(step.image for step in self.steps)

    @property
    def freed(self) -> int:
        """The bytes that the whole plan frees."""
        return self.steps[-1].freed if self.steps else 0


def plan_shrink(
    forest: Forest,
    wish: Wish,
    facts: Facts,
    beside: Callable[[int], int] = lambda _image: 0,
) -> Shrink:
    """Plan to remove the oldest leaf, repeatedly, until the wish is fulfilled.

    The oldest has the lowest id, as in the old program. A parent becomes a leaf when
    all its children are taken; no image loses its parent. The forest's sizes must be
    known. `beside` returns the bytes of an image's metadata, freed with its layer.
    """
    images = forest.images
    spared = _spared(forest, wish, facts)
    waiting = {image: len(node.children) for image, node in images.items()}
    leaves = [image for image, children in waiting.items() if not children]
    heapq.heapify(leaves)
    left = before = forest.total().bytes
    most = (len(images) + 1) // 2 if wish.half else len(images)
    steps: list[Step] = []
    freed = 0
    while leaves and len(steps) < most and (wish.to is None or left > wish.to):
        image = heapq.heappop(leaves)
        if image in spared or not _is_old(forest, image, wish, facts):
            continue
        own = forest.own(image).bytes
        left -= own
        freed += own + beside(image)
        steps.append(Step(image, own + beside(image), freed))
        parent = images[image].parent
        if parent in waiting:
            waiting[parent] -= 1
            if not waiting[parent]:
                heapq.heappush(leaves, parent)
    short = len(steps) < most if wish.half else wish.to is not None and left > wish.to
    why: dict[str, tuple[int, ...]] = {
        name: tuple(image for image, reason in spared.items() if reason == name)
        for name in ("pinned", "in_use", "named", "needed")
    }
    return Shrink(wish, facts.now, tuple(steps), before, left, short, **why)


def _spared(forest: Forest, wish: Wish, facts: Facts) -> dict[int, str]:
    """Return the images that stay regardless of age, with the reasons."""
    found: dict[int, str] = {}
    for image, node in forest.images.items():
        if image in forest.pinned:
            found[image] = "pinned"
        elif image in facts.in_use:
            found[image] = "in_use"
        elif node.names and not wish.names:
            found[image] = "named"
        elif image in facts.needed:
            found[image] = "needed"
    return found


def _is_old(forest: Forest, image: int, wish: Wish, facts: Facts) -> bool:
    """Return whether an image is known to be as old as the wish demands.

    An image that was never used counts as last used when it was made.
    """
    made = forest.images[image].created
    times = [at for at in (made, facts.used.get(image)) if at is not None]
    last = max(times, default=None)
    return all(
        wanted is None or (since is not None and facts.now - since > wanted)
        for wanted, since in ((wish.older, made), (wish.unused, last))
    )


def plan(
    store: Store,
    forest: Forest,
    wish: Wish,
    *,
    trash: bool,
    now: float | None = None,
) -> Shrink:
    """Plan a shrink of a store; the sizes of its forest must be known.

    Without `trash`, images on which something in the trash is built stay.
    """
    used = marks.last_used(store) if wish.unused is not None else {}
    paths = layer_paths(forest)
    needed = frozenset() if trash else frozenset(grounds(store))
    in_use = {holder.image for holder in holders.holders(store.root)}
    at = time.time() if now is None else now
    while True:
        found = plan_shrink(
            forest,
            wish,
            Facts(at, used, frozenset(in_use), needed=needed),
            lambda image: metadata_bytes(store, paths[image]),
        )
        # A lock also shows processes that this user may not see.
        data = {image: store.path / paths[image] / DATA for image in found.images}
        locked = {image for image, path in data.items() if is_locked(path)}
        if not locked:
            return found
        in_use |= locked


def carry_out(
    store: Store,
    planned: Shrink,
    *,
    trash: bool = False,
    report: Report = silent,
) -> Removed:
    """Remove exactly the images of a plan, permanently or to the `trash`.

    Raises PlanChanged, and removes nothing, if the same wish gives another plan now;
    InUse, Pinned, Named or Needed if an image gets into such a state at the last
    moment.
    """
    forest = measured(store, store.read())
    again = plan(store, forest, planned.wish, trash=trash, now=planned.now)
    removal = plan_removal(store, forest, again.images)
    if again.images != planned.images:
        raise PlanChanged(removal, planned.images)
    if not again.steps:
        return Removed((), 0)
    return remove(
        store,
        removal,
        trash=trash,
        allow=Allow(named=EVERY if planned.wish.names else ()),
        report=report,
    )
