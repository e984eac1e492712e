"""Images in files: OCI layouts and docker's archives, as directories and as tars.

Docker's newer archives are both in one; as a layout they say more of what is in them.
"""

from __future__ import annotations

import hashlib
import json

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.transfer import compression
from plashui.transfer.oci.config import parse_config
from plashui.transfer.oci.files import missing, read
from plashui.transfer.oci.manifest import (
    DOCKER_MANIFEST,
    MOST,
    OCI_INDEX,
    Index,
    check_digest,
    parse,
)
from plashui.transfer.oci.source import short

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

    from plashui.transfer.oci.files import Files
    from plashui.transfer.oci.source import Stream

NAMES: Final = (
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
)
"""The annotations in an index that name an image, the better one first."""
_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar"
_CHUNK: Final = 1 << 20
_MOST_IMAGES: Final = 1000


class Document(NamedTuple):
    """A manifest or an index in an archive."""

    raw: bytes
    media_type: str
    digest: str


class Held(NamedTuple):
    """An image in an archive: by what it is asked for, and its names there."""

    reference: str
    names: tuple[str, ...]

    def label(self) -> str:
        """Return how a person can name it."""
        return self.names[0] if self.names else short(self.reference)

    def is_called(self, word: str) -> bool:
        """Return whether a word means this image: a name, its tag, or its digest."""
        digest = self.reference.removeprefix("sha256:")
        return any(
            word == name or word == name.rpartition(":")[2] for name in self.names
        ) or (len(word) >= 6 and digest.startswith(word.removeprefix("sha256:")))

    def full_name(self) -> str:
        """Return a name that says more than a tag; "" if it has none."""
        return next((one for one in self.names if ":" in one or "/" in one), "")


class Layout:
    """An OCI image layout."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._raw = read(files, "index.json", MOST)
        index = parse(self._raw, OCI_INDEX)
        self._entries = index.entries if isinstance(index, Index) else ()

    def images(self) -> list[Held]:
        """Return the images in it. Those for several platforms count as one."""
        held = [
            Held(entry.digest, _names(entry.annotations.get(key) for key in NAMES))
            for entry in self._entries
        ]
        if len(held) > 1 and len({one.names for one in held}) == 1:
            platforms = {entry.platform for entry in self._entries}
            if len(platforms) == len(held):
                return [Held("", held[0].names)]
        return held

    def manifest(self, reference: str, /) -> Document:
        """Return the document with this digest; "" is the index of all."""
        if not reference:
            return _document(self._raw, OCI_INDEX)
        raw = read(self._files, _blob(reference), MOST)
        found = _document(raw, "")
        if found.digest != reference:
            raise PlashError(
                f"the manifest {short(reference)} is not what its digest says: it has"
                f" the digest {found.digest}"
            )
        return found

    def blob(self, digest: str, _size: int, start: int = 0, /) -> Stream:
        """Open a blob at an offset."""
        return self._files.open(_blob(digest), start)


class DockerArchive:
    """What `docker save` has written, without an OCI layout in it."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._images = _docker_manifest(read(files, "manifest.json", MOST))
        self._blobs: dict[str, str] = {}

    def images(self) -> list[Held]:
        """Return the images in it."""
        return [
            Held(str(number), _names(_list(one.get("RepoTags"))))
            for number, one in enumerate(self._images)
        ]

    def manifest(self, reference: str, /) -> Document:
        """Return a manifest for an image, which such an archive has none of."""
        image = self._images[int(reference)]
        name = _text(image.get("Config"))
        raw = read(self._files, name, MOST)
        digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        self._blobs[digest] = name
        layers = [_text(one) for one in _list(image.get("Layers"))]
        diff_ids = parse_config(raw, digest).diff_ids
        if len(layers) != len(diff_ids):
            raise PlashError(
                f"cannot use the archive: it has {len(layers)} layers of the image,"
                f" whose config has {len(diff_ids)}"
            )
        value = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST,
            "config": {"mediaType": _CONFIG, "digest": digest, "size": len(raw)},
            "layers": list(map(self._layer, layers, diff_ids)),
        }
        return _document(json.dumps(value).encode(), DOCKER_MANIFEST)

    def blob(self, digest: str, _size: int, start: int = 0, /) -> Stream:
        """Open a layer or config at an offset."""
        return self._files.open(self._blobs[digest], start)

    def _layer(self, name: str, diff_id: str) -> dict[str, Any]:
        """Describe a layer. It has no digest of its own where it is compressed."""
        length = self._files.size(name)
        if length is None:
            raise missing(name)
        with self._files.open(name) as file:
            head = file.read(compression.MAGIC_BYTES)
        packed = compression.opener(head) is not None
        digest = self._digest(name) if packed else diff_id
        self._blobs[digest] = name
        kind = f"{_LAYER}.gzip" if packed else _LAYER
        return {"mediaType": kind, "digest": digest, "size": length}

    def _digest(self, name: str) -> str:
        found = hashlib.sha256()
        with self._files.open(name) as file:
            while data := file.read(_CHUNK):
                found.update(data)
        return f"sha256:{found.hexdigest()}"


Archive = Layout | DockerArchive


def archive_in(files: Files) -> Archive | None:
    """Return the images in these files; None if they are of no known form."""
    if files.size("index.json") is not None and files.size("oci-layout") is not None:
        return Layout(files)
    if files.size("manifest.json") is not None:
        return DockerArchive(files)
    return None


def pick(archive: Archive, word: str = "") -> Held:
    """Return the image in an archive that a word means; "" means the only one."""
    held = archive.images()
    if not held:
        raise PlashError("there is no image in the archive")
    found = [one for one in held if one.is_called(word)] if word else held
    names = ", ".join(clean(one.label()) for one in held[:20])
    more = f" and {len(held) - 20} more" if len(held) > 20 else ""
    if not found:
        raise PlashError(
            f"there is no image {word!r} in the archive", f"It holds {names}{more}"
        )
    if len({one.reference for one in found}) > 1:
        raise PlashError(
            f"there are several images in the archive: {names}{more}",
            f"Choose one: --ref {clean(found[0].label())}",
        )
    return found[0]


def _docker_manifest(raw: bytes) -> list[dict[str, Any]]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    good = isinstance(value, list) and len(value) <= _MOST_IMAGES
    if not good or not all(isinstance(one, dict) for one in value):
        raise PlashError("cannot use the archive: its manifest.json is not docker's")
    images: list[dict[str, Any]] = value
    return images


def _names(words: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in words if isinstance(one, str) and one))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise PlashError("cannot use the archive: its manifest.json is not docker's")
    return value


def _document(raw: bytes, media_type: str) -> Document:
    return Document(raw, media_type, f"sha256:{hashlib.sha256(raw).hexdigest()}")


def _blob(digest: str) -> str:
    return f"blobs/sha256/{check_digest(digest).removeprefix('sha256:')}"
