"""Squashing: merging several layers of an image into one."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.base.units import plural, size
from plashui.helper import calls, listing
from plashui.image import union
from plashui.image.config_of import nearest_config
from plashui.image.union import Tree
from plashui.model.forest import EMPTY_IMAGE, Forest, layer_paths
from plashui.operations.build import commit
from plashui.store.metadata import META, read_json
from plashui.store.store import Store
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from typing import Any


class Squash(NamedTuple):
    """The plan of a squash, computed before anything is made.

    `layers`, topmost first, become one layer built on `onto`. They take `before` bytes,
    the new layer takes `after`. `removable` are those of them on which nothing else is
    built, and `freed` are their bytes.
    """

    image: int
    onto: int
    layers: tuple[int, ...]
    before: int
    after: int
    removable: tuple[int, ...]
    freed: int
    pieces: tuple[calls.Piece, ...]

    @property
    def saved(self) -> int:
        """Bytes saved once the removable images are removed; negative if it costs."""
        return self.freed - self.after

    def sentence(self) -> str:
        """Describe the result and what it saves, for people."""
        line = (
            f"{plural(len(self.layers), 'layer')} of {size(self.before)} become one of"
            f" {size(self.after)}"
        )
        if not self.removable:
            return f"{line}; nothing is saved while other images use {self.image}"
        ids = ", ".join(map(str, self.removable))
        gone = f"{ids} {'are' if len(self.removable) > 1 else 'is'} removed"
        if self.saved < 0:
            return f"{line}; costs {size(-self.saved)} even when {gone}"
        return f"{line}; saves {size(self.saved)} when {gone}"


def plan_squash(
    store: Store,
    forest: Forest,
    image: int,
    onto: int = EMPTY_IMAGE,
    *,
    cancel: Cancel | None = None,
) -> Squash:
    """Plan a squash of the layers above `onto`; the forest's sizes must be known."""
    if image not in forest:
        raise PlashError(f"no image {image}")
    chain = forest.ancestry(image)
    if onto not in chain:
        raise PlashError(f"image {image} is not built on image {onto}")
    above = chain[: chain.index(onto)]
    if len(above) < 2:
        if above:
            what = f"image {image} is a single layer on image {onto}"
        else:
            what = f"image {image} cannot be squashed onto itself"
        raise PlashError(f"nothing to squash: {what}")
    tree = union.fold(
        (i, listing.list_tree(store.root, i, layer=True, cancel=cancel)) for i in above
    )
    base = _base(store, onto, tree, cancel)
    removable = _removable(forest, above)
    return Squash(
        image=image,
        onto=onto,
        layers=tuple(above),
        before=sum(forest.own(i).bytes for i in above),
        after=union.allocated(tree),
        removable=removable,
        freed=sum(forest.own(i).bytes for i in removable),
        pieces=tuple(union.pieces(tree, base)),
    )


def _base(
    store: Store, onto: int, tree: Tree, cancel: Cancel | None
) -> dict[str, listing.Entry]:
    if onto == EMPTY_IMAGE:
        return {}
    within = union.touched(tree)
    listed = listing.list_tree(store.root, onto, within=within, cancel=cancel)
    return {entry.name: entry for entry in listed}


def _removable(forest: Forest, line: list[int]) -> tuple[int, ...]:
    """Return the layers, topmost first, on which no image outside the line is built."""
    found: list[int] = []
    for image in line:
        if set(forest.images[image].children) - set(found[-1:]):
            break
        found.append(image)
    return tuple(found)


def squash(
    store: Store,
    forest: Forest,
    plan: Squash,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Make the squashed image; return its id. The old images stay."""

    def progress(event: dict[str, Any]) -> None:
        if event.get("ev") == "progress":
            done = int(event["bytes"])
            report(Progress("squashing", done, plan.after, "bytes"))

    with workdir(store) as work:
        (work.path / "data").mkdir(mode=0o700)
        calls.gather(
            store.path,
            plan.image,
            work.name,
            plan.pieces,
            on_status=progress,
            cancel=cancel,
        )
        config = _config(store, forest, plan.layers)
        origin = f"squash of {plan.image}"
        return commit(store, plan.onto, work, origin, config=config)


def _config(store: Store, forest: Forest, line: tuple[int, ...]) -> object:
    """Return the OCI config of the topmost layer that has one, None for none.

    Its layers and its history are not those of the new image.
    """
    paths = layer_paths(forest)
    found = nearest_config(
        read_json(f"{store.root}/{paths[image]}/{META}/image.json") for image in line
    )
    kept = {key: found[key] for key in found if key not in ("rootfs", "history")}
    return kept or None
