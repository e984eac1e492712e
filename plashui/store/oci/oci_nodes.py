"""Finding the images that stand for layers of OCI images, and for OCI images.

A layer is found by its chain id, an image by the digest of its config. Both are in the
metadata of the node, which alone decides. `memory/oci-HEX` remembers the node of such
a digest, since a store may have thousands of images. A note that is missing or of
another image is replaced: the node can only be a child of its parent, whose children
are looked at.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private, read_small
from plashui.model.forest import EMPTY_IMAGE
from plashui.store.ids import born, image_ids
from plashui.store.metadata import META, RAW_CONFIG, read_json, write_json

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.store.store import Store

LAYER: Final = "layer"
"""The key in `image.json` of what is known of a node's layer: see FORMAT.md."""
IMAGE: Final = "oci"
"""The key of what is known of the image whose topmost layer this is."""
EMPTY: Final = "empty_layer"
"""The key of a node without files, which is there for its config only."""


def find_layer(store: Store, parent: int, chain_id: str) -> int | None:
    """Return the child of `parent` that has the layer with a chain id."""
    return _find(store, parent, LAYER, "chain_id", chain_id)


def find_image(store: Store, top: int, config: str) -> int | None:
    """Return the image with the digest of a config, whose topmost layer is `top`.

    That is `top` itself or a child of it without a layer of its own.
    """
    if top != EMPTY_IMAGE and _says(_notes(store, top), IMAGE, "config", config):
        return top
    found = _find(store, top, IMAGE, "config", config)
    if found is None or isinstance(_notes(store, found).get(LAYER), dict):
        return None
    return found


def is_pulled(store: Store, image: int) -> bool:
    """Return whether an image is one that was pulled, not one that was made of it."""
    return isinstance(_notes(store, image).get(IMAGE), dict)


def layer_notes(store: Store, image: int) -> dict[str, Any]:
    """Return what is known of the layer that an image was pulled as; {} if it was not.

    The keys are in FORMAT.md.
    """
    known = _notes(store, image).get(LAYER)
    return known if isinstance(known, dict) else {}


def reference(store: Store, image: int) -> str:
    """Return the name that an image was pulled by; "" if it was not."""
    known = _notes(store, image).get(IMAGE)
    name = known.get("reference") if isinstance(known, dict) else None
    return name if isinstance(name, str) else ""


def has_layer(notes: dict[str, Any]) -> bool:
    """Return whether a node with these notes has files, or only carries a config."""
    if notes.get(EMPTY) is True:
        return False
    return not isinstance(notes.get(IMAGE), dict) or isinstance(notes.get(LAYER), dict)


def notes_of_chain(store: Store, image: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the nodes of an image and its ancestors with their notes, topmost first.

    Each node is a path relative to the store, as `store.layer` returns it.
    """
    node = store.layer(image)
    chain = []
    while node != "layer/0":
        chain.append((node, read_json(f"{store.root}/{node}/{META}/image.json")))
        node = node.rpartition("/")[0]
    return chain


def raw_config(store: Store, image: int) -> bytes | None:
    """Return the config that an image was pulled with, byte for byte.

    None if it was not pulled, or the bytes are lost: those of images that were pulled
    before they were kept may be made again from what they say.
    """
    meta = f"{store.root}/{store.layer(image)}/{META}"
    notes = read_json(f"{meta}/image.json")
    known = notes.get(IMAGE)
    digest = known.get("config") if isinstance(known, dict) else None
    with contextlib.suppress(OSError):
        raw = read_small(f"{meta}/{RAW_CONFIG}")
        if _digest(raw) == digest:
            return raw
    spellings = _spellings(notes.get("config")) if digest else iter(())
    return next((raw for raw in spellings if _digest(raw) == digest), None)


def _digest(data: bytes) -> str:
    import hashlib

    return f"sha256:{hashlib.sha256(data).hexdigest()}"


_ESCAPED_BY_GO: Final = str.maketrans(
    {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
)


def _spellings(value: object) -> Iterator[bytes]:
    """Write a JSON document in the ways that programs which make images do."""
    import json

    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (False, True):
            text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
            for spelling in dict.fromkeys((text.translate(_ESCAPED_BY_GO), text)):
                with contextlib.suppress(UnicodeEncodeError):
                    yield from (f"{spelling}{end}".encode() for end in ("", "\n"))


def remember(store: Store, image: int) -> None:
    """Note under which digests an image is found, so that it is found at once."""
    notes = _notes(store, image)
    for key, field in ((LAYER, "chain_id"), (IMAGE, "config")):
        known = notes.get(key)
        if isinstance(known, dict) and isinstance(known.get(field), str):
            _write(store, known[field], image)


def remember_left(store: Store, image: int, chain_id: str) -> None:
    """Note that an image's layer is, with those below it, what has this chain id.

    It was made here, and left like that; a pull of it need not fetch it.
    """
    _write(store, chain_id, image, left=True)


def is_layer(store: Store, image: int, chain_id: str) -> bool:
    """Return whether an image's layer is known to be what has this chain id."""
    if layer_notes(store, image).get("chain_id") == chain_id:
        return True
    return _read(store, chain_id) == (image, True)


def _find(store: Store, parent: int, key: str, field: str, digest: str) -> int | None:
    place = "layer/0" if parent == EMPTY_IMAGE else store.place(parent)
    noted, left = _read(store, digest)
    node = f"{place}/{noted}"
    if noted is not None and (
        _is_it(store, node, key, field, digest)
        or (left and key == LAYER and os.path.isdir(f"{store.root}/{node}"))
    ):
        return noted
    for image in sorted(image_ids(store.entries(place))):
        if _is_it(store, f"{place}/{image}", key, field, digest):
            _write(store, digest, image)
            return image
    return None


def _is_it(store: Store, node: str, key: str, field: str, digest: str) -> bool:
    path = f"{store.root}/{node}/{META}/image.json"
    try:
        data = read_small(path)
    except OSError:
        return False
    # Of a thousand images most are not parsed.
    return digest.encode() in data and _says(read_json(path), key, field, digest)


def _says(notes: dict[str, Any], key: str, field: str, digest: str) -> bool:
    known = notes.get(key)
    return isinstance(known, dict) and known.get(field) == digest


def _notes(store: Store, image: int) -> dict[str, Any]:
    return read_json(f"{store.root}/{store.place(image)}/{META}/image.json")


def _note(store: Store, digest: str) -> str:
    return f"{store.root}/memory/oci-{digest.removeprefix('sha256:')}"


def _read(store: Store, digest: str) -> tuple[int | None, bool]:
    """Return the image that is noted for a digest, if it still is that image.

    Also whether it was made here, and its layer left with that digest.
    """
    note = read_json(_note(store, digest))
    image, when = note.get("image"), note.get("born")
    if type(image) is not int or type(when) is not int:
        return None, False
    if born(store, image) == when:
        return image, note.get("left") is True
    with contextlib.suppress(OSError):
        os.unlink(_note(store, digest))
    return None, False


def _write(store: Store, digest: str, image: int, *, left: bool = False) -> None:
    """Note the image of a digest; a note that cannot be written is done without."""
    with contextlib.suppress(OSError):
        make_private(f"{store.root}/memory")
        note = {"image": image, "born": born(store, image)}
        more = {"left": True} if left else {}
        write_json(_note(store, digest), note | more, durable=False)
