"""What a removal would take and free, worked out before anything is touched."""

from __future__ import annotations

from collections.abc import Container, Iterable

from plashui.base.errors import Holder, PlashError, id_list
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import Forest, paths_below
from plashui.processes import holders
from plashui.store.disk_usage import beside
from plashui.store.store import Store
from plashui.store.trash_record import standing_on

if TYPE_CHECKING:
    from typing import Final

EVERY: Final = range(1 << 63)
"""Every image there can be."""


class Allow(NamedTuple):
    """Which images a removal may take that it would spare otherwise.

    `in_use`: a process runs in them. `named`: they have a name. `needed`: these images
    in the trash stand on what goes for good, and could not be restored without it.
    """

    in_use: Container[int] = ()
    pinned: Container[int] = ()
    named: Container[int] = EVERY
    needed: Container[int] = ()


def seen_in(plan: Plan) -> Allow:
    """What a person has agreed to who was shown the plan: that, and nothing newer."""
    return Allow(
        in_use=frozenset(holder.image for holder in plan.in_use),
        pinned=frozenset(plan.pinned),
        needed=frozenset(plan.needed),
    )


class Plan(NamedTuple):
    """A removal: `victims` are all images that go, each once, parents first.

    `tops` are the victims whose parents stay; `bytes` are allocated bytes that will
    be free again, a lower bound while `known` is False. `pinned` are the victims that
    nobody wanted to lose by mistake; `needed` by these images in the trash are some.
    """

    asked: tuple[int, ...]
    victims: tuple[int, ...]
    tops: tuple[int, ...]
    names: tuple[str, ...]
    bytes: int
    known: bool
    in_use: tuple[Holder, ...]
    pinned: tuple[int, ...] = ()
    needed: tuple[int, ...] = ()

    @property
    def implied(self) -> tuple[int, ...]:
        """The victims nobody asked for: they stand on one that goes."""
        asked = set(self.asked)
        return tuple(image for image in self.victims if image not in asked)


class PlanChanged(PlashError):
    """The store changed since the preview, where the images `before` were to go.

    `plan` is what would go now.
    """

    def __init__(self, plan: Plan, before: Iterable[int]) -> None:
        now, was = set(plan.victims), set(before)
        news = [f"now {id_list(now - was)} would go too"] if now - was else []
        news += [f"{id_list(was - now)} not any more"] if was - now else []
        said = f": {', and '.join(news)}" if news else ""
        super().__init__(f"the store changed since the preview{said}")
        self.plan = plan


def plan_removal(store: Store, forest: Forest, images: Iterable[int]) -> Plan:
    """The plan to remove these images with all that stands on them."""
    asked = tuple(dict.fromkeys(images))
    for image in asked:
        if image not in forest:
            raise PlashError(f"no image {image}")
    wanted = set(asked)
    tops: list[int] = []
    for image in asked:
        ancestors = forest.lineage(image)[1:]
        if not wanted.intersection(ancestors):
            tops.append(image)
    paths = paths_below(forest, *tops)
    victims = list(paths)
    gone = set(victims)
    sizes = [forest.own(image) for image in victims]
    return Plan(
        asked=asked,
        victims=tuple(victims),
        tops=tuple(tops),
        names=tuple(n for image in victims for n in forest.images[image].names),
        bytes=sum(size.bytes for size in sizes) + beside(store, paths.values()),
        known=all(size.known for size in sizes),
        in_use=tuple(h for h in holders.holders(store.root) if h.image in gone),
        pinned=tuple(image for image in victims if image in forest.pinned),
        needed=tuple(standing_on(store, gone)),
    )
