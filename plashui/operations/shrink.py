"""Which images a shrink takes: the oldest leaves, one after the other.

`plan_shrink` is pure: the same forest, wish and facts give the same plan. `plan` asks
the store for the facts, and `carry_out` removes exactly what was planned, or says what
has changed since.
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
from plashui.store.trash_record import grounds


class Wish(NamedTuple):
    """What is asked for. Without `to`, `older` and `unused`: half of the images.

    `to`: no more than until the images take at most these bytes. `older`, `unused`:
    only images made, or last used, longer ago than these seconds. `names`: also images
    that have a name.
    """

    to: int | None = None
    older: float | None = None
    unused: float | None = None
    names: bool = False

    @property
    def half(self) -> bool:
        """Whether it is the classic shrink."""
        return self.to is None and self.older is None and self.unused is None


class Step(NamedTuple):
    """One image that goes: the bytes that frees, and all up to it."""

    image: int
    bytes: int
    freed: int


class Shrink(NamedTuple):
    """A plan: `steps` in order, each image a leaf when its turn comes.

    `before` and `after` are the bytes that all images take. `short`: the goal, half or
    a size, is not reached, because what is left must stay. `pinned`, `in_use`, `named`
    and `needed` (by what is in the trash) stay whatever their age, each for the first
    of these reasons, and with them what they stand on. It is the plan of what was
    wished at the time `now`.
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
        """What goes, in order."""
        return tuple(step.image for step in self.steps)

    @property
    def freed(self) -> int:
        """The bytes that all of it frees."""
        return self.steps[-1].freed if self.steps else 0


def plan_shrink(
    forest: Forest,
    wish: Wish,
    facts: Facts,
    beside: Callable[[int], int] = lambda _image: 0,
) -> Shrink:
    """Take the oldest leaf, then the oldest of what are leaves then, and so on.

    The oldest is that with the lowest id, as in the old program. A parent becomes a
    leaf when all its children are taken, so that nothing goes on which one stands that
    stays. The sizes of the forest must be known. `beside` tells what an image takes
    beside its layer: that is freed with it.
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
    """The images that stay whatever their age, and why."""
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
    """Whether it is as old as asked for; where that is not known, it is not.

    What was never used counts from when it was made.
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
    """The plan for a store as it is. The sizes of its forest must be known.

    Unless what goes is kept in the `trash`, too, what something there stands on stays.
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
        # Of whom we may not see the processes, a lock tells.
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
    """Remove exactly the images of a plan, for good unless into the `trash`.

    Raises PlanChanged, with nothing removed, if the same wish would take other images
    by now; InUse, Pinned or Named where that comes to light only at the last moment.
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
