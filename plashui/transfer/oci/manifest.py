"""Manifests and indexes of OCI and docker, as plain values.

Whoever made an image wrote these documents, so nothing in them is trusted: each has a
limited size, and each value is checked before it is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.model.platform import ANY, Platform, platform_of

if TYPE_CHECKING:
    from typing import Any, Final, NoReturn

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
INDEXES: Final = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFESTS: Final = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})

MOST: Final = 4 << 20
"""The most bytes of a manifest or config that are read, as other clients limit them."""
MOST_LAYERS: Final = 498
"""The most layers of an image: an overlay has 500, with the empty one and a change."""
_MOST_ENTRIES: Final = 10_000
_SCHEMA_1: Final = "application/vnd.docker.distribution.manifest.v1+"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_ATTESTATION: Final = "vnd.docker.reference.type"
_LARGEST: Final = 1 << 62


class Descriptor(NamedTuple):
    """What a manifest or an index says of a blob or of another document."""

    digest: str
    size: int
    media_type: str = ""
    platform: Platform = ANY
    annotations: Mapping[str, str] = {}
    artifact_type: str = ""


class Manifest(NamedTuple):
    """One image: its config, and its layers from the lowest to the topmost."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = {}


class Index(NamedTuple):
    """A list of manifests, for example of one image for several platforms.

    Entries that are not images, such as attestations, are left out.
    """

    entries: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = {}


def parse(raw: bytes, media_type: str = "") -> Manifest | Index:
    """Parse a document; `media_type` is what its source calls it, "" if unknown.

    Raises PlashError if it is neither a manifest nor an index.
    """
    document = parse_object(raw, "manifest")
    kind = _kind(document, media_type)
    annotations = _annotations(document)
    if kind == "index":
        listed = _descriptors(document, "manifests")
        return Index(tuple(filter(_is_image, listed)), annotations)
    layers = _descriptors(document, "layers")
    if len(layers) > MOST_LAYERS:
        _refuse(f"it has {len(layers)} layers, and at most {MOST_LAYERS} can be used")
    for layer in layers:
        if layer.media_type.endswith("+encrypted"):
            _refuse("its layers are encrypted")
    return Manifest(_descriptor(document.get("config")), layers, annotations)


def parse_referrers(listed: list[object]) -> tuple[Descriptor, ...]:
    """Parse what a registry lists as referring to a manifest, such as signatures."""
    return _descriptors({"referrers": listed}, "referrers", "list of referrers")


def parse_object(raw: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object that a document consists of."""
    if len(raw) > MOST:
        raise PlashError(
            f"cannot use the {what}: it has {size(len(raw))}, and at most {size(MOST)}"
            " are read"
        )
    try:
        value = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        start = clean(raw[:30].decode("utf-8", "replace"))
        raise PlashError(
            f"cannot use the {what}: it is not JSON, but begins with {start!r}"
        ) from error
    if not isinstance(value, dict):
        raise PlashError(f"cannot use the {what}: it is not a JSON object")
    return value


def check_digest(digest: object, what: str = "manifest") -> str:
    """Return a digest; raise PlashError for one that is not of SHA-256."""
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        _refuse(f"{clean(str(digest)[:80])!r} is not a SHA-256 digest", what)
    return digest


def _kind(document: Mapping[str, Any], told: str) -> str:
    """Return "index" or "manifest": by the media type, else by what is in it.

    A document that could be read as both is refused: two programs could then see two
    images behind one digest (CVE-2021-41190).
    """
    told = told.partition(";")[0].strip().lower()
    field = document.get("mediaType", "")
    field = field if isinstance(field, str) else "?"
    if document.get("schemaVersion") == 1 or any(
        one.startswith(_SCHEMA_1) for one in (told, field)
    ):
        raise PlashError(
            "cannot use the manifest: it has docker's schema 1, which checks no layers",
            "Push the image again with a current program",
        )
    known = INDEXES | MANIFESTS
    if told in known and field and field != told:
        _refuse(f"it is called {told}, but calls itself {clean(field)[:90]}")
    kind = told if told in known else field
    listed, layered = "manifests" in document, "layers" in document
    if listed and layered:
        _refuse("it is both an index and a manifest")
    if kind not in known:
        if field:
            _refuse(f"it is not an image, but {clean(field)[:90]}")
        kind = OCI_INDEX if listed else OCI_MANIFEST if layered else ""
    if kind in INDEXES and listed:
        return "index"
    if kind in MANIFESTS and layered:
        return "manifest"
    _refuse("it lists neither layers nor other manifests")


def _descriptors(
    document: Mapping[str, Any], key: str, what: str = "manifest"
) -> tuple[Descriptor, ...]:
    found = document[key]
    if found is None and key == "layers":
        return ()
    if not isinstance(found, list) or len(found) > _MOST_ENTRIES:
        _refuse(f'"{key}" is not a list of at most {_MOST_ENTRIES}', what)
    return tuple(_descriptor(one, what) for one in found)


def _descriptor(value: object, what: str = "manifest") -> Descriptor:
    if not isinstance(value, dict):
        _refuse("a descriptor in it is not an object", what)
    digest, length = check_digest(value.get("digest"), what), value.get("size")
    if type(length) is not int or not 0 <= length < _LARGEST:
        _refuse(f"the size of {digest} is not a number of bytes", what)
    return Descriptor(
        digest,
        length,
        _text(value.get("mediaType")),
        platform_of(value.get("platform")),
        _annotations(value),
        _text(value.get("artifactType")),
    )


def _annotations(value: Mapping[str, Any]) -> dict[str, str]:
    notes = value.get("annotations")
    found = notes.items() if isinstance(notes, dict) else ()
    return {key: text for key, text in found if isinstance(text, str)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_image(entry: Descriptor) -> bool:
    """Return whether an entry of an index is an image, or an index of images."""
    if _ATTESTATION in entry.annotations or "unknown" in entry.platform[:2]:
        return False
    return not entry.media_type or entry.media_type in INDEXES | MANIFESTS


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")


def _refuse(why: str, what: str = "manifest") -> NoReturn:
    raise PlashError(f"cannot use the {what}: {why}")
