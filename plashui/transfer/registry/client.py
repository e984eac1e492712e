"""Fetching from a registry: manifests, blobs and lists, from its mirrors first."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.settings.config import Config
from plashui.settings.config import Registry as Setting
from plashui.transfer.cancelling import hung_up_on
from plashui.transfer.registry import listing
from plashui.transfer.registry.blob import Blob
from plashui.transfer.registry.endpoint import Endpoint
from plashui.transfer.registry.errors import NotFound
from plashui.transfer.registry.exchange import Exchange
from plashui.transfer.registry.reference import (
    Reference,
    is_digest,
    registry_host,
)

if TYPE_CHECKING:
    from typing import Final, Self, TypeVar

    Found = TypeVar("Found")

MANIFESTS: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""The media types of manifests; a registry hides those that are not accepted."""


class Fetched(NamedTuple):
    """A manifest, whose digest was checked; `media_type` is "" if the server has none.

    `source` is the host that sent it.
    """

    raw: bytes
    media_type: str
    digest: str
    source: str


class Registry:
    """The repository of a name, at its registry and the mirrors of the settings.

    `insecure`: hosts whose certificates are not checked, besides those of the settings.
    `told` are remarks for a person. Threads may share it.
    """

    def __init__(
        self,
        reference: Reference,
        config: Config,
        *,
        insecure: Collection[str] = (),
        cancel: Cancel | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Ask nothing yet."""
        self.reference = reference
        self.told: list[str] = []
        self._exchange = exchange(config, insecure, cancel, wait)
        self._at = [*self._mirrors(config), self._endpoint(*reference[:2])]

    def __enter__(self) -> Self:
        """Return the registry."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the connections."""
        self._exchange.connections.__exit__()

    def manifest(self, ref: str) -> Fetched:
        """Return the manifest of a tag or a digest."""
        return self._first(lambda at: self._manifest(at, ref))

    def blob(self, digest: str, size: int, start: int = 0) -> Blob:
        """Return a blob from the byte `start` on; its digest is not checked.

        Raises CutOff, also later by the blob, where another try at the offset reached
        may go on.
        """
        return self._first(lambda at: self._blob(at, digest, size, start))

    def tags(self) -> list[str]:
        """Return the tags of the repository."""
        return self._first(lambda at: listing.tags(at, self._name()))

    def referrers(self, digest: str, artifact_type: str = "") -> list[object]:
        """Return the descriptors of what refers to a manifest, which are not checked.

        A registry may leave out those of other types than `artifact_type`.
        """
        try:
            return self._first(
                lambda at: listing.referrers(at, self._name(), digest, artifact_type)
            )
        except NotFound:
            return []

    def _mirrors(self, config: Config) -> Iterator[Endpoint]:
        host, path = self.reference[:2]
        for mirror in config.registries.get(host, Setting()).mirrors:
            server, prefix = registry_host(mirror)
            yield self._endpoint(server, f"{prefix}/{path}".lstrip("/"))

    def _endpoint(self, host: str, path: str) -> Endpoint:
        return Endpoint(host, path, self._exchange, self._tell)

    def _tell(self, remark: str) -> None:
        if remark not in self.told:
            self.told.append(remark)

    def _first(self, ask: Callable[[Endpoint], Found]) -> Found:
        """Return the answer of the first mirror that has one, else the registry's."""
        *mirrors, registry = self._at
        for mirror in mirrors:
            try:
                return ask(mirror)
            except Cancelled:
                raise
            except PlashError as error:
                self._tell(f"the mirror {mirror.host} was passed over: {error.args[0]}")
                if not isinstance(error, NotFound) and mirror in self._at:
                    self._at.remove(mirror)
        return ask(registry)

    def _manifest(self, at: Endpoint, ref: str) -> Fetched:
        what = f"{self._name()}{'@' if is_digest(ref) else ':'}{ref}"
        accept = {"Accept": ", ".join(MANIFESTS)}
        with at.get(f"manifests/{ref}", what, accept) as response:
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
            raw = self._exchange.document(response, "a manifest")
            said = response.headers.get("Docker-Content-Digest", "")
        if raw.lstrip()[:1] != b"{":
            page = "a web page" if raw.lstrip()[:1] == b"<" else "something else"
            raise PlashError(
                f"{at.host} does not answer like a registry: it sends {page} as {what}",
                "Check the name of the host",
            )
        wanted = ref if is_digest(ref) else said if is_digest(said) else ""
        found = _digest(raw, wanted.partition(":")[0] or "sha256")
        if wanted and found != wanted:
            raise PlashError(
                f"{at.host} sends another manifest than {what}: its digest is {found},"
                f" not {wanted}"
            )
        return Fetched(raw, kind.lower(), found, at.host)

    def _blob(self, at: Endpoint, digest: str, size: int, start: int) -> Blob:
        name = f"blob {digest[:19]}…"
        headers = {"Range": f"bytes={start}-"} if start else {}
        fine = (200, 206) if start else (200,)
        with contextlib.ExitStack() as stack:
            asking = at.get(f"blobs/{digest}", name, headers, fine)
            response = stack.enter_context(asking)
            stack.enter_context(hung_up_on(self._exchange.cancel, response))
            blob = Blob(response, name, size, start, self._exchange.cancel)
            blob.opened = stack.pop_all()
            return blob

    def _name(self) -> str:
        return self.reference._replace(tag="", digest="").familiar()


def exchange(
    config: Config,
    insecure: Collection[str] = (),
    cancel: Cancel | None = None,
    wait: Callable[[float], object] | None = None,
) -> Exchange:
    """Return what sends requests, with the insecure hosts of the settings, too."""
    named = {registry_host(word)[0] for word in insecure}
    named |= {host for host, one in config.registries.items() if one.insecure}
    return Exchange(named, cancel, wait)


def _digest(raw: bytes, kind: str) -> str:
    return f"{kind}:{hashlib.new(kind, raw).hexdigest()}"
