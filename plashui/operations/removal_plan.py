"""The plan of a removal: what it removes and frees, computed beforehand."""

from __future__ import annotations

from collections.abc import Container, Iterable

from plashui.base.errors import Holder, PlashError, id_list
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import Forest, paths_below
from plashui.processes import holders
from plashui.store.disk_usage import beside
from plashui.store.store import Store
from plashui.store.trash.record import standing_on

if TYPE_CHECKING:
    from typing import Final

EVERY: Final = range(1 << 63)
"""All possible ids."""


class Allow(NamedTuple):
    """Images that a removal may remove although it would otherwise be refused.

    `in_use`, `pinned` and `named` are images in such a state. `needed` are images in
    the trash that may lose what they are built on, without which they cannot be
    restored.
    """

    in_use: Container[int] = ()
    pinned: Container[int] = ()
    named: Container[int] = EVERY
    needed: Container[int] = ()


def seen_in(plan: Plan) -> Allow:
    """Return what a person who confirmed the plan has agreed to, and nothing newer."""
    return Allow(
        in_use=frozenset(holder.image for holder in plan.in_use),
        pinned=frozenset(plan.pinned),
        needed=frozenset(plan.needed),
    )


class Plan(NamedTuple):
    """A removal: `victims` are all images that it removes, parents first.

    `tops` are the victims whose parents stay; `bytes` are the allocated bytes that
    are freed, a lower bound if `known` is False. `pinned` are pinned victims; `needed`
    are images in the trash that are built on victims.
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
        """The victims that were not asked for: they are built on one that was."""
        asked = set(self.asked)
        return tuple(image for image in self.victims if image not in asked)


class PlanChanged(PlashError):
    """The store has changed since the preview, which showed the images `before`.

    `plan` is what would be removed now.
    """

    def __init__(self, plan: Plan, before: Iterable[int]) -> None:
        now, was = set(plan.victims), set(before)
        news = [f"{id_list(now - was)} would be removed, too"] if now - was else []
        news += [f"{id_list(was - now)} would not be removed"] if was - now else []
        said = f": {', and '.join(news)}" if news else ""
        super().__init__(f"the store changed since the preview{said}")
        self.plan = plan


def plan_removal(store: Store, forest: Forest, images: Iterable[int]) -> Plan:
    """Plan the removal of images and of all images built on them."""
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
