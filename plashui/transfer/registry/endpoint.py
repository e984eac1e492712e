"""One repository at one registry or mirror: requests with what it wants to see."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.connections import is_loopback, netloc
from plashui.transfer.registry.authorization import Authorization
from plashui.transfer.registry.challenge import challenges
from plashui.transfer.registry.credentials import Credential, find
from plashui.transfer.registry.errors import NotFound, Unauthorized
from plashui.transfer.registry.exchange import Exchange
from plashui.transfer.registry.reference import HUB

if TYPE_CHECKING:
    from typing import Final

    from urllib3 import BaseHTTPResponse

_HUB_SERVER: Final = f"registry-1.{HUB}"


class Endpoint:
    """A repository at a host. `path` is "" to speak with the host only."""

    def __init__(
        self,
        host: str,
        path: str,
        exchange: Exchange,
        tell: Callable[[str], object],
        login: Callable[[], Credential | None] | None = None,
    ) -> None:
        """Ask nothing yet; `login` finds the login to use, by default a stored one."""
        self.host, self.path, self.exchange = host, path, exchange
        self._server = _HUB_SERVER if host == HUB else host
        self._scheme = ""
        login = login or (lambda: find(host, path, tell))
        self._authorization = Authorization(host, exchange, login, tell)

    @contextlib.contextmanager
    def get(
        self,
        place: str,
        what: str,
        headers: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (200,),
    ) -> Iterator[BaseHTTPResponse]:
        """Yield the answer for a place below the repository.

        `what` is what a person asked for. Raises PlashError, NotFound or Unauthorized
        for a status other than the `fine` ones.
        """
        url = self.url(place)
        scope = f"repository:{self.path}:pull"
        with contextlib.ExitStack() as stack:
            response = self._authorized(stack, url, headers or {}, scope)
            if response.status not in fine:
                raise self._refusal(response, what)
            yield response

    def url(self, place: str) -> str:
        """Return the URL of a place below the repository, or of the registry itself."""
        path = f"{self.path}/{place}" if self.path else place
        self._scheme = self._scheme or self._speaks()
        return f"{self._scheme}://{self._server}/v2/{path}"

    def accepts_login(self) -> bool:
        """Return whether the registry accepts the login; False if it wants none.

        Raises Unauthorized if it refuses it.
        """
        url = self.url("")
        with self.exchange.ask(url) as response:
            if response.status != 401:
                self._check_open(response)
                return False
            wanted = challenges(response.headers.getlist("WWW-Authenticate"))
        attempts = self._authorization.attempts(
            wanted, "", urlsplit(url), anonymous=False
        )
        said = ""
        for attempt in attempts:
            with self._ask(url, {}, attempt.header) as response:
                if response.status == 200:
                    return True
                said = self.exchange.said(response)
                if response.status not in (401, 403):
                    raise PlashError(f"cannot log in at {self.host}: it says {said}")
        said = said or self._authorization.refused or "it offers no way to log in"
        raise Unauthorized(f"{self.host} refuses this login ({said})")

    def _check_open(self, response: BaseHTTPResponse) -> None:
        """Raise PlashError unless this is what a registry without logins answers."""
        if response.status != 200:
            said = self.exchange.said(response)
            raise PlashError(f"cannot log in at {self.host}: it says {said}")
        if self.exchange.document(response, "an answer").lstrip()[:1] == b"<":
            raise PlashError(
                f"{self.host} does not answer like a registry but with a web page",
                "Check the name of the host",
            )

    def _authorized(
        self,
        stack: contextlib.ExitStack,
        url: str,
        headers: Mapping[str, str],
        scope: str,
    ) -> BaseHTTPResponse:
        """Ask, and once more with each thing that the registry may want to see."""
        known = self._authorization.header(scope)
        response = stack.enter_context(self._ask(url, headers, known))
        if response.status != 401 or not self._is_own(response):
            return response
        wanted = challenges(response.headers.getlist("WWW-Authenticate"))
        where = urlsplit(url)
        for attempt in self._authorization.attempts(wanted, scope, where):
            stack.close()
            response = stack.enter_context(self._ask(url, headers, attempt.header))
            if response.status not in (401, 403) or not self._is_own(response):
                self._authorization.keep(attempt, scope)
                break
        return response

    def _ask(
        self, url: str, headers: Mapping[str, str], header: str
    ) -> contextlib.AbstractContextManager[BaseHTTPResponse]:
        private = {"Authorization": header} if header else {}
        return self.exchange.ask(url, headers, private=private)

    def _is_own(self, response: BaseHTTPResponse) -> bool:
        """Return whether the registry answers itself, not where it redirects to."""
        return netloc(urlsplit(response.url or "")) == self._server

    def _speaks(self) -> str:
        """Return https, or http for a server that may do without encryption."""
        named = self._server in self.exchange.insecure
        ours = is_loopback(urlsplit(f"//{self._server}").hostname)
        if not named and not ours:
            return "https"
        # This machine gets no secret by the question, and an http server there may
        # wait for more when it is greeted with TLS.
        order = ("http", "https") if ours else ("https", "http")
        failure = PlashError(f"cannot reach {self.host}: it is not a registry")
        for scheme in order:
            url = f"{scheme}://{self._server}/v2/"
            try:
                with self.exchange.ask(url, patient=False) as response:
                    # A server of TLS answers 400, or leads to its https.
                    here = urlsplit(response.url or "").scheme == scheme
                    if scheme == "https" or (here and response.status != 400):
                        return scheme
            except Cancelled:
                raise
            except PlashError as error:
                failure = error
        raise failure

    def _refusal(self, response: BaseHTTPResponse, what: str) -> PlashError:
        """Return the error for the status of an answer."""
        said = self.exchange.said(response)
        if not self._is_own(response):
            server = netloc(urlsplit(response.url or ""))
            return PlashError(
                f"cannot fetch {what}: {server}, which stores it for"
                f" {self.host}, says {said}"
            )
        if response.status == 404:
            missing = what.removeprefix(f"{self.host}/")
            return NotFound(f"{self.host} has no {missing} ({said})")
        if response.status not in (401, 403):
            return PlashError(f"cannot fetch {what}: {self.host} says {said}")
        said = self._authorization.refused or said
        login = self._authorization.login()
        if login:
            return Unauthorized(
                f"cannot fetch {what}: {self.host} refuses {login.name()} ({said})",
                f"Log in with another one: plash login {self.host}",
            )
        return Unauthorized(
            f"cannot fetch {what}: {self.host} wants a login, or has no such"
            f" repository ({said})",
            f"To log in: plash login {self.host}",
        )
