"""Pushing into a repository: blobs, mounted, made while they are sent; manifests."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlencode

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.settings.config import Config
from plashui.transfer.registry.authorization import PULLING, PUSHING
from plashui.transfer.registry.body import Body
from plashui.transfer.registry.client import MANIFESTS, exchange
from plashui.transfer.registry.endpoint import Endpoint, Request
from plashui.transfer.registry.errors import DigestRefused, Unreachable, UploadLost
from plashui.transfer.registry.reference import Reference, is_digest
from plashui.transfer.registry.refusal import push_refusal
from plashui.transfer.registry.upload_session import Session
from plashui.transfer.registry.upload_writer import (
    Arrived,
    InChunks,
    InOneRequest,
    Make,
    Writer,
    in_a_thread,
)
from plashui.transfer.web.requests import WAITS, number

if TYPE_CHECKING:
    from typing import Final, Self, TypeVar

    from urllib3 import BaseHTTPResponse

    Found = TypeVar("Found")


_DROPPING: Final = 5.0  # the most seconds until an error is told


class Sent(NamedTuple):
    """A blob that the registry has."""

    digest: str
    size: int


class Uploads:
    """The repository of a reference, to push into. Threads may share it.

    `insecure`: hosts whose certificates are not checked, besides those of the settings.
    `told` are remarks for a person.
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
        self._stopped, self._cancel = Cancel(), cancel
        if cancel:
            cancel.on_cancel(self._stopped.set)
        self._exchange = exchange(config, insecure, self._stopped, wait)
        self._at = Endpoint(*reference[:2], self._exchange, self._tell)
        self._scope = self._at.scope(PUSHING)
        self._way: type[Writer] = InChunks
        self._name = reference._replace(tag="", digest="").familiar()

    def __enter__(self) -> Self:
        """Return the repository."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the connections."""
        if self._cancel:
            self._cancel.forget(self._stopped.set)
        self._exchange.connections.__exit__()

    def stop(self) -> None:
        """End all that is on its way, in other threads, as a cancel does."""
        self._stopped.set()

    def size_of(self, digest: str) -> int | None:
        """Return the size of a blob; None if the repository does not have it."""
        return self._head(f"blobs/{digest}", {}, _length)

    def digest_of(self, ref: str) -> str | None:
        """Return the digest of the manifest of a tag or digest; None without one."""
        accept = {"Accept": ", ".join(MANIFESTS)}
        return self._head(f"manifests/{ref}", accept, _digest)

    def mount(self, digest: str, source: str) -> bool:
        """Take over a blob from another repository of the registry, by its path.

        Returns False if that was not done.
        """
        words = urlencode({"mount": digest, "from": source}, safe=":/")
        request = Request("POST", self._at.url(f"blobs/uploads/?{words}"))
        scope = f"{self._scope} repository:{source}:{PULLING}"
        with self._at.ask(request, scope) as response:
            if response.status == 429 or response.status >= 500:
                raise push_refusal(self._at, response, f"a layer of {self._name}")
            if response.status == 202 and (place := self._at.location(response)):
                self._forget(place)
            return response.status == 201

    def blob(
        self,
        make: Make,
        what: str = "a layer",
        report: Arrived = lambda _done: None,
    ) -> Sent:
        """Send the bytes that `make(write)` writes, of which some MiB are kept.

        `report` gets the number of bytes that have arrived; it begins anew when the
        registry loses the upload, and `make` is called again.
        """
        what = f"{what} of {self._name}"
        way, refused = self._way, False
        for pause in (*WAITS, None):
            try:
                sent = self._sent(make, what, report, way)
            except UploadLost as error:
                again = isinstance(error, DigestRefused)
                if pause is None or (again and refused):
                    raise
                refused |= again
                self._tell(f"{error.args[0]}; it is sent anew")
                self._exchange.wait(pause)
                # Some registries take no chunks, or lose some, and do not say so.
                way = InChunks if way is InOneRequest else InOneRequest
            else:
                self._way = way
                return sent
        raise AssertionError

    def blob_of(self, data: bytes, what: str = "the configuration") -> Sent:
        """Send a small blob, unless it is there."""
        found = Sent(f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
        if self.size_of(found.digest) != found.size:
            self.blob(lambda write: write(data), what)
        return found

    def manifest(self, ref: str, raw: bytes, media_type: str) -> str:
        """Put a manifest under a tag or its digest; return its digest."""
        digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        what = f"{self._name}{'@' if is_digest(ref) else ':'}{ref}"
        url = self._at.url(f"manifests/{ref}")
        body = Body(raw, self._exchange.cancel)
        request = Request("PUT", url, {"Content-Type": media_type}, body)
        with self._at.ask(request, self._scope) as response:
            if response.status != 201:
                raise push_refusal(self._at, response, what)
            said = response.headers.get("Docker-Content-Digest", digest)
        if said.startswith("sha256:") and said != digest:
            raise PlashError(
                f"cannot push {what}: {self._at.host} has made another manifest of it,"
                f" whose digest is {self._exchange.harmless(said)}, not {digest}"
            )
        return digest

    def _tell(self, remark: str) -> None:
        if remark not in self.told:
            self.told.append(remark)

    def _sent(self, make: Make, what: str, report: Arrived, way: type[Writer]) -> Sent:
        session = Session(self._at, self._scope, what)
        writer = way(session, report)
        try:
            digest = writer.filled_by(make)
            session.finish(digest, lambda: self.size_of(digest) == session.done)
        except (Cancelled, Unreachable, UploadLost):
            raise
        except Exception:
            writer.give_up()
            with contextlib.suppress(TimeoutError):
                in_a_thread(session.drop).result(_DROPPING)
            raise
        return Sent(digest, session.done)

    def _forget(self, place: str) -> None:
        """Let the registry forget an upload that was opened; it may refuse to."""
        request = Request("DELETE", place, patient=False)
        with contextlib.suppress(Unreachable), self._at.ask(request, self._scope):
            pass

    def _head(
        self,
        place: str,
        headers: Mapping[str, str],
        read: Callable[[BaseHTTPResponse], Found | None],
    ) -> Found | None:
        """Return what is read of the answer; None if the registry does not have it."""
        request = Request("HEAD", self._at.url(place), headers)
        with self._at.ask(request, self._scope) as response:
            if response.status == 404 or self._at.elsewhere(response):
                return read(response) if response.status == 200 else None
            html = response.headers.get("Content-Type", "").startswith("text/html")
            if response.status != 200 or html:
                raise push_refusal(self._at, response, self._name)
            return read(response)


def _length(response: BaseHTTPResponse) -> int | None:
    return number(response.headers.get("Content-Length"))


def _digest(response: BaseHTTPResponse) -> str | None:
    said = response.headers.get("Docker-Content-Digest", "")
    return said if is_digest(said) else None
