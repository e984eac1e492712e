"""The part of a blob that is sent while all of it is made."""

from __future__ import annotations

import hashlib

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.oci.way import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from plashui.base.progress import Cancel
    from plashui.image.layer_tar import LayerTar
    from plashui.transfer.serve.shelf import Layer, Offer


class OtherBlob(Exception):
    """What was made is not the blob that its numbers describe."""


class _Enough(Exception):
    """The part was sent."""


def send(
    offer: Offer,
    layer: Layer,
    part: tuple[int, int],
    write: Callable[[bytes | memoryview], object],
    cancel: Cancel,
) -> LayerTar | None:
    """Make the blob of a layer, and write a part of it: from a byte to before another.

    Returns what was made; None if not all of it was needed for the part.

    The blob's last byte is written once all is known to be right: whoever gets the
    others only sees that they are not all. Raises OtherBlob if it is not right.
    """
    first, end = part
    size, plain = layer.numbers.size, offer.leaving.way.compression == PLAIN
    done, last = 0, b""
    digest = hashlib.sha256()

    def take(data: bytes) -> None:
        nonlocal done, last
        start, done = done, done + len(data)
        if done > size:
            raise OtherBlob
        if not plain:
            digest.update(data)
        if done == size and data:
            last = data[-1:]
        here = memoryview(data)[
            max(0, first - start) : max(0, min(end, size - 1) - start)
        ]
        if here:
            write(here)
        if done >= end and end < size:
            raise _Enough

    try:
        tar = offer.leaving.make(layer.image, take, cancel)
    except _Enough:
        return None
    found = tar.diff_id if plain else f"sha256:{digest.hexdigest()}"
    if found != layer.numbers.digest:
        raise OtherBlob
    if end == size > first:
        write(last)
    return tar
