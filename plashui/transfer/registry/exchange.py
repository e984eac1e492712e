"""Requests to registries and token servers: tried again, cancellable, of limited size.

Nothing that is sent in secret gets into an error: a server may repeat it in its answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.transfer import connections
from plashui.transfer.cancelling import abandoned_on, hung_up_on
from plashui.transfer.connections import Connections, netloc
from plashui.transfer.registry.body import Body
from plashui.transfer.registry.errors import Unreachable
from plashui.transfer.web import WAITS, asked, check_url, number, retry_after, why

if TYPE_CHECKING:
    from typing import Any, Final

    from urllib3 import BaseHTTPResponse

DOCUMENT: Final = 4 << 20
"""The most bytes of a manifest or a list, as of docker's own registry."""

LONGEST_PAUSE: Final = 60.0
"""The most seconds of Retry-After that are waited."""

_ERROR: Final = 1 << 16  # bytes of an answer that are read for what went wrong
_SLOWEST: Final = 10_000  # bytes per second of a server that takes a body
_SHOWN: Final = 200  # characters of what a server says


class Exchange:
    """Sends requests. `insecure`: the servers (`HOST[:PORT]`) a person has named so."""

    def __init__(
        self,
        insecure: Collection[str] = (),
        cancel: Cancel | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """Open no connection yet."""
        self.insecure = frozenset(insecure)
        # Without somebody who cancels, too, an answer has a time limit by it.
        self.cancel = cancel or Cancel()
        self.wait = wait or self.cancel.wait
        self.connections = Connections(self.insecure)
        self._secrets: set[str] = set()

    def keep_secret(self, *words: str) -> None:
        """Leave these words out of errors."""
        self._secrets.update(word for word in words if len(word) > 2)

    @contextlib.contextmanager
    def ask(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: Body | None = None,
        private: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        patient: bool = True,
    ) -> Iterator[BaseHTTPResponse]:
        """Yield the answer to a request, whatever its status.

        A server that is busy (429, 5xx) or breaks the connection is asked again a few
        times, with pauses, if `patient`.
        """
        check_url(url)
        size = body.size if body else 0
        length = {"Content-Length": str(size)} if body and size is not None else {}
        limit = None if size is None else _longest() + size / _SLOWEST
        waits = [*WAITS, None] if patient else [None]
        for wait in waits:
            self.cancel.check()
            opening = asked(
                url,
                {**(headers or {}), **length},
                method=method,
                body=body,
                follow=self._follow if method in ("GET", "HEAD") else self.check_side,
                private=private,
                form=form,
                connections=self.connections,
            )
            with contextlib.ExitStack() as stack:
                try:
                    coming = abandoned_on(self.cancel, opening, limit)
                    response = stack.enter_context(coming)
                except Exception as error:
                    sentence, again = self._failure(error, url)
                    if wait is None or not again:
                        raise sentence from error
                    pause = wait
                else:
                    busy = response.status == 429 or response.status >= 500
                    asks = retry_after(response.headers) if busy else 0
                    if not busy or wait is None or asks > LONGEST_PAUSE:
                        yield response
                        return
                    pause = max(wait, asks)
            self.wait(pause)

    def document(
        self, response: BaseHTTPResponse, what: str, most: int = DOCUMENT
    ) -> bytes:
        """Return the whole body of an answer; raise PlashError for one too big."""
        server = netloc(urlsplit(response.url or ""))
        too_big = PlashError(f"{server} sends more than {most >> 10} KiB as {what}")
        if (number(response.headers.get("Content-Length")) or 0) > most:
            raise too_big
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise PlashError(f"{server} sends {what} compressed, which was not asked")
        found = bytearray()
        end = time.monotonic() + _longest()
        with self.broken(server), hung_up_on(self.cancel, response):
            while piece := response.read1(1 << 16, decode_content=False):
                found += piece
                if len(found) > most:
                    raise too_big
                if time.monotonic() > end:
                    raise PlashError(f"{server} sends {what} too slowly")
        return bytes(found)

    def json(self, response: BaseHTTPResponse, what: str) -> dict[str, Any]:
        """Return the JSON object that is the body of an answer."""
        return self.parsed(self.document(response, what), response, what)

    @staticmethod
    def parsed(body: bytes, response: BaseHTTPResponse, what: str) -> dict[str, Any]:
        """Return the JSON object that a body is; raise PlashError if it is none."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            server = netloc(urlsplit(response.url or ""))
            page = " but a web page" if body.lstrip()[:1] == b"<" else ""
            raise PlashError(
                f"{server} does not answer like a registry: {what} is not JSON{page}",
                "Check the name of the host",
            )
        return found

    def said(self, response: BaseHTTPResponse) -> str:
        """Return what the server says of an error: `CODE: message`; or its status."""
        status = f"{response.status} {clean(response.reason or '')}".rstrip()
        try:
            body = self.document(response, "an error", _ERROR)
            errors = [
                one for one in json.loads(body)["errors"] if isinstance(one, dict)
            ]
        except (PlashError, ValueError, KeyError, TypeError, RecursionError):
            self.cancel.check()
            return status
        words = [f"{one.get('code')}: {one.get('message')}" for one in errors[:2]]
        words += filter(None, map(_system_error, errors[:1]))
        return f"{status}, {self.harmless('; '.join(words))}" if words else status

    def harmless(self, text: str) -> str:
        """Return a text of a server, without secrets, cut to one short line."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = clean(" ".join(text.split()))
        return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"

    @contextlib.contextmanager
    def broken(self, server: str) -> Iterator[None]:
        """Turn network errors while an answer is read into PlashErrors."""
        from urllib3.exceptions import HTTPError

        try:
            yield
        except (HTTPError, OSError) as error:
            raise self._unreachable(server, error) from error

    def _failure(self, error: Exception, url: str) -> tuple[Exception, bool]:
        """Return what to raise, and whether another try may help."""
        from urllib3 import exceptions as e

        if not isinstance(error, e.HTTPError | OSError):
            return error, False
        told = self._unreachable(netloc(urlsplit(url)), error)
        return told, isinstance(error, e.ProtocolError)

    def _unreachable(self, server: str, error: Exception) -> Unreachable:
        sentence, remedy = why(error)
        return Unreachable(f"cannot reach {server}: {self.harmless(sentence)}", remedy)

    def _follow(self, old: SplitResult, new: SplitResult) -> None:
        """Refuse a redirect away from encryption, unless a person has allowed it."""
        if (old.scheme, new.scheme) == ("https", "http"):
            self._check_named(old, new)

    def check_side(self, old: SplitResult, new: SplitResult) -> None:
        """Refuse an upload to another host without encryption, as `_follow` does."""
        if new.scheme == "http" and (
            old.scheme == "https" or old.hostname != new.hostname
        ):
            self._check_named(old, new)

    def _check_named(self, old: SplitResult, new: SplitResult) -> None:
        if not {netloc(old), netloc(new)} & self.insecure:
            raise PlashError(
                f"{netloc(old)} redirects to {netloc(new)} without encryption",
                f"`--insecure {netloc(new)}` allows it",
            )


def _system_error(error: dict[str, Any]) -> str:
    """Return the system's error in what docker's registry has in its details."""
    with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
        return os.strerror(error["detail"]["Enclosed"]["Err"])
    return ""


def _longest() -> float:
    """Return the seconds that an answer, or a document, may take in all."""
    return 2 * connections.SILENCE
