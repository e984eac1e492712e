"""An image as it leaves the store: its config, and its layers as they become blobs.

A pulled image that was not changed leaves with the config that it came with, so with
the same image id. Its layers leave as the same tars. Layers that were made here become
tars that depend on their content only.
"""

from __future__ import annotations

import hashlib
import json

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.image.config_of import effective_config
from plashui.image.layer_tar import LayerTar, write_layer
from plashui.store.oci import blob_numbers, oci_nodes
from plashui.store.oci.blob_numbers import Numbers
from plashui.transfer.compression import packer
from plashui.transfer.oci.config import chain_ids
from plashui.transfer.oci.manifest import MOST_LAYERS, OCI_MANIFEST
from plashui.transfer.oci.way import KINDS, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Final

    from plashui.store.store import Store

    Write = Callable[[bytes], object]

CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"


class Outgoing(NamedTuple):
    """An image and the images of its layers, the lowest first."""

    store: Store
    image: int
    layers: tuple[int, ...]
    way: Way

    def known(self, layer: int) -> list[Numbers]:
        """Return the blobs that a layer may leave as, the best first.

        The blob that it came as is taken whatever its compression is.
        """
        found = blob_numbers.known(self.store, layer)
        came = found[:1] if oci_nodes.layer_notes(self.store, layer) else []
        if self.way.latest is not None and not came:
            return []  # it may have left with other times
        wanted = KINDS[self.way.compression][0]
        return [*came, *(one for one in found if one.media_type == wanted)]

    def made(self, layer: int) -> Numbers | None:
        """Return the blob that `make` is known to write of a layer."""
        if self.way.latest is not None:
            return None  # as above
        wanted = KINDS[self.way.compression][0]
        found = blob_numbers.made(self.store, layer)
        return next((one for one in found if one.media_type == wanted), None)

    def make(self, layer: int, write: Write, cancel: Cancel | None = None) -> LayerTar:
        """Write the blob of a layer."""
        target = _Target(write)
        packed = packer(f".{KINDS[self.way.compression][1]}")(target)  # type: ignore[arg-type]
        done = write_layer(
            self.store, layer, packed.write, clamp=self.way.latest, cancel=cancel
        )
        packed.close()
        return done

    def config(self, diff_ids: Sequence[str]) -> bytes:
        """Return the config of the image, whose layers have these digests."""
        raw = oci_nodes.raw_config(self.store, self.image)
        if raw is not None and json.loads(raw)["rootfs"]["diff_ids"] == [*diff_ids]:
            return raw
        value = effective_config(self.store, self.image, clamp=self.way.latest)
        value["rootfs"] = {"type": "layers", "diff_ids": [*diff_ids]}
        return canonical(value)

    def left(self, blobs: Sequence[Numbers], faithful: Sequence[bool]) -> None:
        """Remember what the layers are elsewhere, so that a pull finds them here.

        `faithful` says of each whether it has left just now, and as it is here.
        """
        chain = chain_ids(tuple(blob.diff_id for blob in blobs))
        for layer, chain_id, same in zip(self.layers, chain, faithful, strict=True):
            if oci_nodes.is_layer(self.store, layer, chain_id):
                continue
            if not same or self.way.latest is not None:
                return  # it may be something else, and all above with it
            oci_nodes.remember_left(self.store, layer, chain_id)

    def note(self, layer: int, blob: Numbers | None, repository: str = "") -> None:
        """Remember what was made of a layer, if anything was, and where it is."""
        if self.way.latest is None:
            blob_numbers.note(self.store, layer, blob, repository)


class _Target:
    """What a compressor writes to."""

    def __init__(self, write: Write) -> None:
        self.write = write

    def flush(self) -> None:
        """Do nothing: what is written is on its way."""


def outgoing(store: Store, image: int, way: Way) -> Outgoing:
    """Return what an image is when it leaves; raise PlashError if it cannot."""
    chain = reversed(oci_nodes.notes_of_chain(store, image))
    layers = tuple(
        int(node.rpartition("/")[2])
        for node, notes in chain
        if oci_nodes.has_layer(notes)
    )
    if len(layers) > MOST_LAYERS:
        raise PlashError(
            f"image {image} has {len(layers)} layers, and other engines take at most"
            f" {MOST_LAYERS}",
            f"Make one of several: plash squash {image}",
        )
    return Outgoing(store, image, layers, way)


def manifest(
    config: bytes, layers: Sequence[Numbers], annotations: Mapping[str, str]
) -> bytes:
    """Return the manifest of an image."""
    value: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {
            "mediaType": CONFIG_TYPE,
            "digest": digest_of(config),
            "size": len(config),
        },
        "layers": [
            {"mediaType": one.media_type, "digest": one.digest, "size": one.size}
            for one in layers
        ],
    }
    if annotations:
        value["annotations"] = dict(annotations)
    return canonical(value)


def digest_of(document: bytes) -> str:
    """Return the digest of a document."""
    return f"sha256:{hashlib.sha256(document).hexdigest()}"


def canonical(value: object) -> bytes:
    """Return JSON that is always the same for the same value."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogateescape"
    )
