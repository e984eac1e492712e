"""Pulling an image: its layers side by side, made images one on the other.

Each layer is an image of the store, shared by all images with the same layers below
it. The config belongs to the topmost one. If that is there already, with another config
or as a layer of another image only, a child of it without any files carries the config.
"""

from __future__ import annotations

from plashui.base.errors import Cancelled
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.base.units import plural
from plashui.helper import process
from plashui.operations.build import commit, commit_config
from plashui.store import names
from plashui.store.metadata import META
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.oci import kept_blobs, kept_layers, oci_nodes
from plashui.transfer.oci.crew import Crew
from plashui.transfer.oci.layer import Fetch, Room
from plashui.transfer.oci.way import JOBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from plashui.store.store import Store
    from plashui.transfer.oci.config import Layer
    from plashui.transfer.oci.plan import Plan
    from plashui.transfer.oci.source import Source


class Pulled(NamedTuple):
    """The image, and what a person should know of it.

    `moved` is the image that had the name before.
    """

    id: int
    said: tuple[str, ...]
    moved: int | None = None

    def remarks(self) -> list[str]:
        """Return what could not be kept faithfully, and from where the name moved."""
        return list(self.said)


class PullName(NamedTuple):
    """The name for a pulled image.

    `moves`: it is the image's own reference, which an older image of that reference
    gives up, but no image that was made otherwise.
    """

    new: NewName = UNNAMED
    moves: bool = False

    def check(self, store: Store, image: int | None = None) -> None:
        """Raise PlashError if the name is invalid, NameTaken if it cannot be had.

        `image` is the pulled image if it is there: it may have the name already.
        """
        self._allowed(store).check(store, image)

    def give(self, store: Store, image: int) -> int | None:
        """Name the image; return the image that had the name before."""
        name = self.new.name
        before = store.get_name(name) if name else None
        if before != image:
            self._allowed(store).give(store, image)
        return before if before != image else None

    def _allowed(self, store: Store) -> NewName:
        name = self.new.name
        if name and self.moves:
            names.check_new_name(name)
            owner = store.get_name(name)
            if owner is not None and oci_nodes.is_pulled(store, owner):
                return NewName(name, force=True)
        return self.new


def pull(
    store: Store,
    source: Source,
    plan: Plan,
    *,
    origin: str,
    name: PullName | None = None,
    jobs: int = JOBS,
    most: int | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
    stop: Cancel | None = None,
) -> Pulled:
    """Make the images of a plan's missing layers; return the image.

    `origin` is what the image is called where it comes from. `jobs` layers are fetched
    at once. `most` are the bytes that all layers may have when decompressed, by default
    those that are free. `stop` is what the source listens to, if it does: it is set
    when an error or a signal ends the pull.

    An error, a cancel or a kill leaves complete layers, and the next pull goes on from
    there. Raises NameTaken if an image that was not pulled has the name.
    """
    name = name or PullName()
    name.check(store, plan.made)
    if plan.made is not None:
        return _named(store, plan.made, name, tuple(plan.remarks()))
    store.create()
    plan.check_room(store)
    kept_layers.forget(store, older=kept_layers.WEEK)
    kept_blobs.forget(store, older=kept_blobs.MONTH)
    process.wait_for_children()  # while this is the main thread
    stop = stop or Cancel()
    room = Room(plan.free - plan.keep if most is None else most)
    fetch = Fetch(store, source, room, stop, plan.keep_blobs)
    work = _Pull(store, plan, origin)
    with (
        kept_layers.needed(store),
        Crew(fetch, plan.to_fetch, jobs, cancel) as crew,
    ):
        parent = plan.top

        def tick() -> None:
            layers = tuple(map(crew.progress, plan.image.layers))
            report(
                Progress(f"pulling {origin}", crew.done(), plan.packed, "bytes", layers)
            )

        tick()
        try:
            for layer in plan.missing:
                parent = work.make(parent, layer, crew, tick)
                tick()
        except Cancelled:
            raise Cancelled(f"cancelled: {what_stays(store, plan)}") from None
        image = work.finish(parent)
    for layer in plan.missing:  # another process may have been faster
        kept_layers.drop(store, layer.chain_id)
    said = [*plan.remarks(), *crew.remarks()]
    return _named(store, image, name, tuple(said))


def _named(store: Store, image: int, name: PullName, said: tuple[str, ...]) -> Pulled:
    moved = name.give(store, image)
    if moved is not None:
        said = (*said, f"{name.new.name} was image {moved}, which stays")
    return Pulled(image, said, moved)


def what_stays(store: Store, plan: Plan) -> str:
    """Say what a pull that was ended has left for the next one."""
    parent, complete = plan.top, len(plan.here)
    for layer in plan.missing:
        found = oci_nodes.find_layer(store, parent, layer.chain_id)
        parent = parent if found is None else found
        kept = found is not None or kept_layers.is_kept(store, layer.chain_id)
        complete += kept
    of = plural(len(plan.image.layers), "layer")
    return (
        f"{complete} of {of} are complete and kept, and a new pull goes on from there"
    )


class _Pull(NamedTuple):
    """The making of images from layers that are complete."""

    store: Store
    plan: Plan
    origin: str

    def make(
        self, parent: int, layer: Layer, crew: Crew, tick: Callable[[], None]
    ) -> int:
        """Return the image of a layer on its parent, made as soon as it is complete."""
        while True:
            found = oci_nodes.find_layer(self.store, parent, layer.chain_id)
            if found is not None:
                return found
            crew.wait(layer, tick)
            image = self._commit(parent, layer)
            if image is not None:
                return image
            # Another process has made an image of it, or `clean` has removed it.
            if oci_nodes.find_layer(self.store, parent, layer.chain_id) is None:
                crew.again(layer)

    def _commit(self, parent: int, layer: Layer) -> int | None:
        with kept_layers.claimed(self.store, layer.chain_id) as work:
            if work is None:
                return None
            found = oci_nodes.find_layer(self.store, parent, layer.chain_id)
            if found is not None:
                return found
            layers = self.plan.image.layers
            is_top = layer is layers[-1]
            config = self.plan.image.config if is_top else None
            place = f", layer {layers.index(layer) + 1} of {len(layers)}"
            image = commit(
                self.store,
                parent,
                work,
                self.origin if is_top else self.origin + place,
                implied=work.path / META / "implied",
                config=config.value if config else None,
                raw=config.raw if config else None,
                more=self._notes(layer) | (self._image_notes() if is_top else {}),
            )
            oci_nodes.remember(self.store, image)
            return image

    def finish(self, top: int) -> int:
        """Return the image with the config, made of nothing if its layer was there."""
        config = self.plan.image.config
        found = oci_nodes.find_image(self.store, top, config.digest)
        if found is not None:
            return found
        image = commit_config(
            self.store, top, self.origin, config.value, self._image_notes(), config.raw
        )
        oci_nodes.remember(self.store, image)
        return image

    def _notes(self, layer: Layer) -> dict[str, Any]:
        """Return what is noted of a layer."""
        known = {
            "chain_id": layer.chain_id,
            "diff_id": layer.diff_id,
            "digest": layer.blob.digest,
            "size": layer.blob.size,
            "media_type": layer.blob.media_type,
        }
        notes: dict[str, Any] = {oci_nodes.LAYER: known}
        image = self.plan.image
        command = image.config.made_by()[image.layers.index(layer)]
        return notes | ({"command": [command]} if command else {})

    def _image_notes(self) -> dict[str, Any]:
        """Return what is noted of the image."""
        image = self.plan.image
        known = {
            "config": image.config.digest,
            "manifest": image.digest,
            "reference": self.origin,
            "platform": str(image.config.platform),
        }
        return {oci_nodes.IMAGE: known}
