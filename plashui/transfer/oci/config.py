"""The config of an image: the digests of its layers, and how it is meant to be run."""

from __future__ import annotations

import hashlib
import json

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.small_file import MOST as MOST_METADATA
from plashui.base.units import plural
from plashui.model.oci_history import history_of
from plashui.model.platform import Platform, platform_of
from plashui.transfer.oci.manifest import Descriptor, check_digest, parse_object

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.model.oci_history import Made

_ROOM: Final = 64 << 10
"""Bytes that are left in an image's metadata for all else."""


class Config(NamedTuple):
    """The config of an image; `value` is the whole document, which came as `raw`.

    `diff_ids` are the digests of the uncompressed layers, the lowest first.
    """

    digest: str
    value: dict[str, Any]
    diff_ids: tuple[str, ...]
    platform: Platform
    raw: bytes

    def history(self) -> list[Made]:
        """Return how the layers were made, and what made none, the earliest first."""
        return history_of(self.value, len(self.diff_ids))

    def made_by(self) -> list[str]:
        """Return how each layer was made; "" for unknown."""
        return [step.by for step in self.history() if not step.empty]


class Layer(NamedTuple):
    """A layer of an image: its blob, its digest when uncompressed, and its chain id."""

    blob: Descriptor
    diff_id: str
    chain_id: str


def parse_config(raw: bytes, digest: str) -> Config:
    """Parse the config with this digest; raise PlashError if it is not of an image."""
    value = parse_object(raw, "config")
    rootfs = value.get("rootfs")
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if diff_ids is None and isinstance(rootfs, dict):
        diff_ids = []  # umoci and others write null for none
    if not isinstance(diff_ids, list):
        raise PlashError(
            "cannot use the image: its config lists no layers. It may be a chart, a"
            " plugin or another thing that is not a root filesystem"
        )
    if len(json.dumps(value)) > MOST_METADATA - _ROOM:
        raise PlashError("cannot use the image: its config is too large")
    layers = tuple(map(check_digest, diff_ids))
    return Config(digest, value, layers, platform_of(value), raw)


def layers_of(blobs: tuple[Descriptor, ...], config: Config) -> tuple[Layer, ...]:
    """Join what the manifest and the config say of the layers."""
    if len(blobs) != len(config.diff_ids):
        raise PlashError(
            f"cannot use the image: its manifest has {plural(len(blobs), 'layer')},"
            f" but its config has {len(config.diff_ids)}"
        )
    chain = chain_ids(config.diff_ids)
    return tuple(map(Layer, blobs, config.diff_ids, chain))


def chain_ids(diff_ids: tuple[str, ...]) -> list[str]:
    """Return the chain id of each layer: of it and all below (OCI image config)."""
    found: list[str] = []
    for diff_id in diff_ids:
        if found:
            both = f"{found[-1]} {diff_id}".encode()
            found.append(f"sha256:{hashlib.sha256(both).hexdigest()}")
        else:
            found.append(diff_id)
    return found
