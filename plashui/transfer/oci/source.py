"""Where images come from: a registry, a layout or an archive; choosing one of many."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.units import size
from plashui.model.platform import Platform, distance, this_machine
from plashui.transfer.oci.config import Config, Layer, layers_of, parse_config
from plashui.transfer.oci.manifest import (
    MOST,
    Descriptor,
    Index,
    Manifest,
    parse,
)

if TYPE_CHECKING:
    from typing import Final, Protocol

    class Fetched(Protocol):
        """A document as it came; its digest has been checked."""

        @property
        def raw(self) -> bytes:
            """Its bytes."""

        @property
        def media_type(self) -> str:
            """What the source calls it; "" if nothing."""

        @property
        def digest(self) -> str:
            """The SHA-256 digest of the bytes: `sha256:…`."""

    class Stream(Protocol):
        """The bytes of a blob."""

        def read(self, size: int, /) -> bytes:
            """Return at most `size` bytes; none at the end."""

        def close(self) -> None:
            """Give the connection or file back."""

    class Source(Protocol):
        """What gives manifests and blobs."""

        def manifest(self, reference: str, /) -> Fetched:
            """Return the document with this tag or digest."""

        def blob(self, digest: str, size: int, start: int = 0, /) -> Stream:
            """Open a blob at an offset; what is read is not checked."""


_MOST_DEEP: Final = 4
_MOST_DOCUMENTS: Final = 32


class Chosen(NamedTuple):
    """An image in a source: the digest of its manifest, its config and layers.

    `foreign`: it is for another machine than this, and nobody asked for that.
    `platforms` are those of the index it is from, sorted; () for none. `index_digest`
    is of that; "" for none. `annotations` are those of the index and the manifest.
    """

    digest: str
    config: Config
    layers: tuple[Layer, ...]
    foreign: bool = False
    platforms: tuple[str, ...] = ()
    index_digest: str = ""
    annotations: Mapping[str, str] = {}


def choose(source: Source, reference: str, wanted: Platform | None = None) -> Chosen:
    """Return the image behind a reference, of an index the one for a platform.

    Without `wanted` it is this machine's; then an image for another one that stands
    alone is taken, too.
    """
    here = this_machine()
    choice = _Choice(source, wanted or here)
    found = choice.of(reference)
    if found is None:  # an index without any image for somebody
        raise PlashError(f"there is no image in {reference}")
    fetched, manifest = found
    config = read_config(source, manifest.config)
    if wanted and distance(config.platform, wanted) is None:
        raise PlashError(f"the image is for {config.platform}, not for {wanted}")
    layers = layers_of(manifest.layers, config)
    foreign = wanted is None and distance(config.platform, here) is None
    return Chosen(
        fetched.digest,
        config,
        layers,
        foreign,
        choice.platforms(),
        choice.index,
        {**choice.annotations, **manifest.annotations},
    )


class _Choice:
    """The search for one platform through an index, and the indexes in it."""

    def __init__(self, source: Source, wanted: Platform) -> None:
        self.source, self.wanted = source, wanted
        self.index = ""
        self.annotations: Mapping[str, str] = {}
        self._seen: set[str] = set()
        self._offered: list[Platform] = []

    def of(self, reference: str) -> tuple[Fetched, Manifest] | None:
        found = self._look(reference, "", 0)
        if found is None and self._offered:
            names = self.platforms()
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            raise PlashError(
                f"there is no image for {self.wanted}: there are"
                f" {', '.join(names[:12])}{more}",
                f"Choose one: --platform {names[0]}",
            )
        return found

    def platforms(self) -> tuple[str, ...]:
        """Return the platforms of the indexes so far."""
        return tuple(sorted({str(one) for one in self._offered}))

    def _look(
        self, reference: str, media_type: str, depth: int
    ) -> tuple[Fetched, Manifest] | None:
        if reference in self._seen:  # an index that leads back to itself
            return None
        self._seen.add(reference)
        if depth > _MOST_DEEP or len(self._seen) > _MOST_DOCUMENTS:
            raise PlashError(
                "cannot use the index: it holds other indexes, too deep or too many"
            )
        fetched = self.source.manifest(reference)
        found = parse(fetched.raw, media_type or fetched.media_type)
        if isinstance(found, Manifest):
            return fetched, found
        if depth == 0:
            self.index, self.annotations = fetched.digest, found.annotations
        for entry in self._fitting(found):
            deeper = self._look(entry.digest, entry.media_type, depth + 1)
            if deeper is not None:
                return deeper
        return None

    def _fitting(self, index: Index) -> list[Descriptor]:
        """Return the entries that fit, the best first."""
        self._offered += [e.platform for e in index.entries if e.platform.architecture]
        far = [(distance(e.platform, self.wanted), e) for e in index.entries]
        fitting = [(steps, e) for steps, e in far if steps is not None]
        return [entry for _steps, entry in sorted(fitting, key=lambda one: one[0])]


def read_config(source: Source, blob: Descriptor) -> Config:
    """Read the config of an image and check its digest."""
    return parse_config(read_whole(source, blob, "config"), blob.digest)


def read_whole(source: Source, blob: Descriptor, what: str) -> bytes:
    """Return a small blob whole; raise PlashError if it is not what it should be."""
    if blob.size > MOST:
        raise PlashError(
            f"cannot use the {what}: it has {size(blob.size)}, and at most"
            f" {size(MOST)} are read"
        )
    raw = bytearray()
    stream = source.blob(blob.digest, blob.size)
    try:
        while len(raw) < blob.size and (data := stream.read(blob.size - len(raw))):
            raw += data
    finally:
        stream.close()
    check(what, blob, len(raw), hashlib.sha256(raw).hexdigest())
    return bytes(raw)


def check(what: str, blob: Descriptor, length: int, digest: str) -> None:
    """Raise PlashError unless a blob has the size and the digest it should have."""
    if length != blob.size:
        raise PlashError(
            f"the {what} {short(blob.digest)} has {length} bytes, not {blob.size}"
        )
    if f"sha256:{digest}" != blob.digest:
        raise PlashError(
            f"the {what} {short(blob.digest)} is not what its digest says: it has the"
            f" digest {digest}"
        )


def short(digest: str) -> str:
    """Return the beginning of a digest, as people tell one from another."""
    return digest.removeprefix("sha256:")[:12]
