"""What the layers of images are as blobs: digests and sizes, noted once made.

A layer that was made here has no digest until it leaves as a tar. The image's metadata
remembers that of the tar, and of each form in which it was compressed, so that the next
push asks the registry first. The note goes with the image: its files never change.
"""

from __future__ import annotations

import contextlib

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.small_file import PASSABLE, make_private
from plashui.store import layout
from plashui.store.metadata import BLOBS, META, read_json, write_json
from plashui.store.oci import oci_nodes

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.store.store import Store

_PLACES: Final = 8
_DIGEST: Final = len("sha256:") + 64


class Numbers(NamedTuple):
    """A blob of a layer: its digest, its size, its media type, and that of its tar."""

    diff_id: str
    digest: str
    size: int
    media_type: str


def known(store: Store, image: int) -> list[Numbers]:
    """Return the blobs that an image's layer is known to be, as it came first."""
    found = []
    layer = oci_nodes.layer_notes(store, image)
    if layer:
        found.append(_numbers(layer.get("diff_id"), layer))
    return [one for one in (*found, *made(store, image)) if one]


def repositories(store: Store, image: int) -> list[str]:
    """Return the repositories (`HOST/PATH`) that a layer was pushed to lately."""
    found = _note(store, image).get("repositories")
    return [one for one in found if isinstance(one, str)] if found else []


def made(store: Store, image: int) -> list[Numbers]:
    """Return the blobs that were made here of an image's layer."""
    blobs = _note(store, image).get("blobs")
    found = (
        _numbers(blob.get("diff_id"), blob)
        for blob in (blobs if isinstance(blobs, list) else [])
        if isinstance(blob, dict)
    )
    return [one for one in found if one]


def note(
    store: Store,
    image: int,
    numbers: Numbers | None,
    repository: str = "",
) -> None:
    """Remember a blob that was made of an image's layer, and a repository that has it.

    Without `numbers`, the blob was not made, but was there. A note that cannot be
    written is done without.
    """
    blobs = made(store, image)
    if numbers is not None:
        blobs = [
            one
            for one in blobs
            if one.diff_id == numbers.diff_id and one.media_type != numbers.media_type
        ]
        blobs.append(numbers)
    places = [one for one in repositories(store, image) if one != repository]
    value = {
        "blobs": [one._asdict() for one in blobs],
        "repositories": [*([repository] if repository else []), *places][:_PLACES],
    }
    if value == _note(store, image) or layout.is_anothers(store.root):
        return
    with contextlib.suppress(OSError, PlashError):
        meta = f"{store.root}/{store.layer(image)}/{META}"
        make_private(meta, PASSABLE)
        make_private(f"{store.root}/memory")
        draft = f"{store.root}/memory/{BLOBS}-{image}"
        write_json(f"{meta}/{BLOBS}", value, durable=False, draft=draft)


def _note(store: Store, image: int) -> dict[str, Any]:
    try:
        return read_json(f"{store.root}/{store.place(image)}/{META}/{BLOBS}")
    except PlashError:
        return {}


def _numbers(diff_id: object, blob: Any) -> Numbers | None:
    if not isinstance(blob, dict):
        return None
    digest, size, kind = blob.get("digest"), blob.get("size"), blob.get("media_type")
    fine = all(
        isinstance(one, str) and len(one) == _DIGEST for one in (diff_id, digest)
    )
    if fine and type(size) is int and isinstance(kind, str):
        return Numbers(str(diff_id), str(digest), size, kind)
    return None
