"""Images made by hand, and a source of them that can be as bad as registries are."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from plashui.transfer.oci.archive import Document
from plashui.transfer.oci.manifest import OCI_INDEX, OCI_MANIFEST
from plashui.transfer.registry.errors import CutOff

LAYER: Final = "application/vnd.oci.image.layer.v1.tar"


def digest_of(data: bytes) -> str:
    """The digest of bytes, as manifests write it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def tar_of(files: Mapping[str, str | bytes | None], mode: int = 0o644) -> bytes:
    """A tar of files, their content by name; None makes a directory."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.mtime = 1_600_000_000
            if content is None:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
                continue
            data = content.encode() if isinstance(content, str) else content
            entry.size, entry.mode = len(data), mode
            tar.addfile(entry, io.BytesIO(data))
    return held.getvalue()


def zipped(data: bytes) -> bytes:
    """A gzip stream without a time."""
    return gzip.compress(data, 1, mtime=0)


@dataclass
class Shelf:
    """Blobs and manifests in memory: a source, and the maker of its images.

    `cuts` are the bytes of a blob after which one reading each breaks off. `read` is
    called with each piece that is given. `given` counts the bytes of each blob.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, Document] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    read: Callable[[str, bytes], None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, data: bytes) -> str:
        """Add a blob; return its digest."""
        self.blobs[digest_of(data)] = data
        return digest_of(data)

    def describe(self, data: bytes, kind: str, **more: object) -> dict[str, Any]:
        """A descriptor of a blob, which is added."""
        return {
            "mediaType": kind,
            "digest": self.put(data),
            "size": len(data),
            **more,
        }

    def image(
        self,
        tag: str,
        layers: Iterable[bytes],
        pack: Callable[[bytes], bytes] = zipped,
        *,
        platform: str = "linux/amd64",
        history: object = None,
        **config: object,
    ) -> str:
        """Add an image of uncompressed layers; return the digest of its manifest."""
        tars = list(layers)
        system, machine, *variant = platform.split("/")
        about: dict[str, Any] = {
            "os": system,
            "architecture": machine,
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": list(map(digest_of, tars))},
        }
        about |= {"variant": variant[0]} if variant else {}
        about |= {} if history is None else {"history": history}
        kind = f"{LAYER}+gzip" if pack is zipped else LAYER
        value = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self.describe(
                json.dumps(about).encode(),
                "application/vnd.oci.image.config.v1+json",
            ),
            "layers": [self.describe(pack(tar), kind) for tar in tars],
        }
        return self.document(tag, value, OCI_MANIFEST)

    def index(self, tag: str, entries: list[dict[str, Any]]) -> str:
        """Add an index; return its digest."""
        value = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        return self.document(tag, value, OCI_INDEX)

    def entry(self, digest: str, platform: str = "", **more: object) -> dict[str, Any]:
        """An entry of an index for a document that is here."""
        found = self.tags[digest]
        value = {
            "mediaType": found.media_type,
            "digest": digest,
            "size": len(found.raw),
            **more,
        }
        if platform:
            keys = ("os", "architecture", "variant")
            value["platform"] = dict(zip(keys, platform.split("/"), strict=False))
        return value

    def document(self, tag: str, value: object, kind: str) -> str:
        """Add a document under a tag and its digest; return the digest."""
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        digest = digest_of(raw)
        self.tags[tag] = self.tags[digest] = Document(raw, kind, digest)
        self.blobs[digest] = raw
        return digest

    def manifest(self, reference: str, /) -> Document:
        """Return a document."""
        return self.tags[reference]

    def blob(self, digest: str, _size: int, start: int = 0, /) -> Stream:
        """Open a blob."""
        with self.lock:
            self.asked.append((digest, start))
        return Stream(self, digest, start)

    def layout(self, place: Path, *tags: str) -> Path:
        """Write an OCI layout with images of these tags."""
        entries = [
            self.entry(
                self.tags[tag].digest,
                annotations={"org.opencontainers.image.ref.name": tag},
            )
            for tag in tags
        ]
        index = {"schemaVersion": 2, "manifests": entries}
        (place / "blobs/sha256").mkdir(parents=True)
        (place / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (place / "index.json").write_text(json.dumps(index))
        for digest, data in self.blobs.items():
            (place / "blobs" / digest.replace(":", "/")).write_bytes(data)
        return place


class Stream:
    """The reading of a blob."""

    def __init__(self, shelf: Shelf, digest: str, start: int) -> None:
        self.shelf, self.digest, self.at = shelf, digest, start
        cuts = shelf.cuts.get(digest)
        self.end = start + cuts.pop(0) if cuts else None

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, or break off."""
        if self.end is not None:
            size = min(size, self.end - self.at)
            if not size:
                raise CutOff("the connection broke")
        data = self.shelf.blobs[self.digest][self.at : self.at + size]
        with self.shelf.lock:
            given = self.shelf.given.get(self.digest, 0)
            self.shelf.given[self.digest] = given + len(data)
        if self.shelf.read is not None:
            self.shelf.read(self.digest, data)
        self.at += len(data)
        return data

    def close(self) -> None:
        """Do nothing."""
