"""The plan of a pull: which layers are here already, and what the others cost."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.units import plural, size
from plashui.model.forest import EMPTY_IMAGE
from plashui.model.platform import this_machine
from plashui.store.disk_full import what_makes_room
from plashui.store.oci import kept_blobs, kept_layers, oci_nodes
from plashui.transfer.oci.config import Layer
from plashui.transfer.oci.source import Chosen, choose

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.model.platform import Platform
    from plashui.store.store import Store
    from plashui.transfer.oci.source import Source

_GROWS: Final = {"gzip": 2.7, "zstd": 3.0}
"""How much larger layers are on the disk than compressed, in the mean of many."""


class Plan(NamedTuple):
    """What a pull takes: an image, and what of it the store has already.

    `here` are the images of its lowest layers, `ready` the chain ids of layers that an
    earlier pull has completed, `blobs` the digests of those whose blobs are kept.
    `made` is the image itself if it is there, `free` are the free bytes of the disk.
    `keep_blobs`: the blobs that come are to be kept, see store/kept_blobs.
    """

    image: Chosen
    here: tuple[int, ...]
    ready: frozenset[str]
    blobs: frozenset[str]
    made: int | None
    free: int
    keep_blobs: bool = False

    @property
    def top(self) -> int:
        """The image to build the missing layers on."""
        return self.here[-1] if self.here else EMPTY_IMAGE

    @property
    def missing(self) -> tuple[Layer, ...]:
        """The layers that are not images yet, the lowest first."""
        return self.image.layers[len(self.here) :]

    @property
    def to_fetch(self) -> tuple[Layer, ...]:
        """Those of them that are not complete either."""
        return tuple(one for one in self.missing if one.chain_id not in self.ready)

    @property
    def packed(self) -> int:
        """The bytes of their blobs."""
        return sum(layer.blob.size for layer in self.to_fetch)

    @property
    def fetch(self) -> int:
        """The bytes to fetch: those of blobs that are not kept."""
        return sum(layer.blob.size for layer in self._coming)

    @property
    def keep(self) -> int:
        """The bytes of blobs that will be kept, one of each digest."""
        blobs = {one.blob.digest: one.blob.size for one in self._coming}
        return sum(blobs.values()) if self.keep_blobs else 0

    @property
    def disk(self) -> int:
        """The bytes on the disk, estimated by the compression of the layers."""
        return sum(map(_grown, self.to_fetch)) + self.keep

    @property
    def _coming(self) -> list[Layer]:
        """The layers whose blobs are not kept yet."""
        return [one for one in self.to_fetch if one.blob.digest not in self.blobs]

    @property
    def _least(self) -> int:
        """The bytes below which it cannot fit: files are hardly ever smaller packed."""
        return self.packed + self.keep

    def anew(self, store: Store) -> Plan:
        """Return what the same image takes in a store that has nothing."""
        nothing: frozenset[str] = frozenset()
        return Plan(self.image, (), nothing, nothing, None, store.disk().free)

    def lines(self) -> list[tuple[str, str]]:
        """Describe the price for people, as names and values."""
        count = len(self.image.layers)
        here = count - len(self.to_fetch)
        kept = f", {size(self.keep)} of it kept blobs" if self.keep else ""
        return [
            ("platform", str(self.image.config.platform)),
            ("layers", f"{count}, {here} here already" if here else str(count)),
            ("to fetch", size(self.fetch)),
            ("on disk", f"about {size(self.disk)}{kept}" if self.disk else size(0)),
            ("free", size(self.free)),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the price as numbers, for programs."""
        return {
            "digest": self.image.digest,
            "platform": str(self.image.config.platform),
            "platforms": list(self.image.platforms),
            "image": self.made,
            "layers": [
                {
                    "digest": layer.blob.digest,
                    "diff_id": layer.diff_id,
                    "size": layer.blob.size,
                    "here": layer not in self.to_fetch,
                    "kept": layer.blob.digest in self.blobs,
                    "created_by": made_by,
                }
                for layer, made_by in zip(
                    self.image.layers, self.image.config.made_by(), strict=True
                )
            ],
            "fetch": self.fetch,
            "disk": self.disk,
            "keep": self.keep,
            "free": self.free,
        }

    def check_room(self, store: Store) -> None:
        """Raise PlashError if the image cannot fit on the disk."""
        if self._least > self.free:
            kept = " with the blobs that are kept" if self.keep else ""
            raise PlashError(
                f"the image does not fit: its missing {_layers(self.to_fetch)} have"
                f" {size(self.packed)} compressed, about {size(self.disk)} on the disk"
                f"{kept}, and {size(self.free)} are free",
                what_makes_room(store),
            )

    def remarks(self) -> list[str]:
        """Return what a person may want to know before the pull."""
        said = []
        if self.image.foreign:
            said.append(
                f"the image is for {self.image.config.platform}, and this machine is"
                f" {this_machine()}: its programs may not run here"
            )
        if self._least <= self.free < self.disk:
            said.append(
                f"the image may not fit: it takes about {size(self.disk)}, and"
                f" {size(self.free)} are free"
            )
        return said


def plan_pull(
    store: Store,
    source: Source,
    reference: str,
    platform: Platform | None = None,
    *,
    keep_blobs: bool = False,
) -> Plan:
    """Find an image in a source, and what of it the store has already."""
    image = choose(source, reference, platform)
    here: list[int] = []
    for layer in image.layers:
        parent = here[-1] if here else EMPTY_IMAGE
        found = oci_nodes.find_layer(store, parent, layer.chain_id)
        if found is None:
            break
        here.append(found)
    made = None
    if len(here) == len(image.layers):
        top = here[-1] if here else EMPTY_IMAGE
        made = oci_nodes.find_image(store, top, image.config.digest)
    missing = image.layers[len(here) :]
    ready = (
        one.chain_id for one in missing if kept_layers.is_kept(store, one.chain_id)
    )
    blobs = (
        one.blob.digest
        for one in missing
        if kept_blobs.is_kept(store, one.blob.digest, one.blob.size)
    )
    return Plan(
        image,
        tuple(here),
        frozenset(ready),
        frozenset(blobs),
        made,
        store.disk().free,
        keep_blobs,
    )


def _grown(layer: Layer) -> int:
    kind = layer.blob.media_type
    factor = next((f for word, f in _GROWS.items() if kind.endswith(word)), 1)
    return int(layer.blob.size * factor)


def _layers(layers: tuple[Layer, ...]) -> str:
    return plural(len(layers), "layer")
