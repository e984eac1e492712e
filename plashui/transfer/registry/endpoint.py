"""One repository at one registry or mirror: requests with what it wants to see."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.registry.authorization import PULLING, Authorization
from plashui.transfer.registry.body import Body
from plashui.transfer.registry.challenge import challenges
from plashui.transfer.registry.credentials import Credential, find
from plashui.transfer.registry.errors import Unauthorized
from plashui.transfer.registry.exchange import Exchange
from plashui.transfer.registry.reference import HUB
from plashui.transfer.registry.refusal import fetch_refusal
from plashui.transfer.web.connections import is_loopback, netloc
from plashui.transfer.web.requests import check_url, joined

if TYPE_CHECKING:
    from typing import Final

    from urllib3 import BaseHTTPResponse

_HUB_SERVER: Final = f"registry-1.{HUB}"


class Request(NamedTuple):
    """A request to a URL; `patient`: a busy server is asked again a few times."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: Body | None = None
    patient: bool = True


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
        self.authorization = Authorization(host, exchange, login, tell)

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
        request = Request("GET", self.url(place), headers or {})
        with self.ask(request, self.scope(PULLING)) as response:
            if response.status not in fine:
                raise fetch_refusal(self, response, what)
            yield response

    @contextlib.contextmanager
    def ask(self, request: Request, scope: str) -> Iterator[BaseHTTPResponse]:
        """Yield the answer to a request, whatever its status.

        Another server than the registry gets no login.
        """
        with contextlib.ExitStack() as stack:
            if self._is_own(request.url):
                yield self._authorized(stack, request, scope)
            else:
                yield stack.enter_context(self._ask(request, ""))

    def scope(self, actions: str) -> str:
        """Return the scope of these actions on the repository."""
        return f"repository:{self.path}:{actions}"

    def location(self, response: BaseHTTPResponse) -> str:
        """Return where an upload goes on, as an answer says it; "" if it does not."""
        link = response.headers.get("Location", "")
        if not link:
            return ""
        here = response.url or ""
        url = joined(here, link)
        check_url(url)
        parts = urlsplit(url)
        usual = {"http": ":80", "https": ":443"}[parts.scheme]
        server = netloc(parts).removesuffix(usual)
        parts = parts._replace(netloc=server, fragment="")
        if parts.netloc == self._server:
            # Behind a proxy, a registry may not know that it is spoken to encrypted.
            parts = parts._replace(scheme=self._scheme)
        else:
            self.exchange.check_side(urlsplit(here), parts)
            self.exchange.keep_secret(parts.query)
        return parts.geturl()

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
        attempts = self.authorization.attempts(
            wanted, "", urlsplit(url), anonymous=False
        )
        said = ""
        for attempt in attempts:
            with self._ask(Request("GET", url), attempt.header) as response:
                if response.status == 200:
                    return True
                said = self.exchange.said(response)
                if response.status not in (401, 403):
                    raise PlashError(f"cannot log in at {self.host}: it says {said}")
        said = said or self.authorization.refused or "it offers no way to log in"
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
        self, stack: contextlib.ExitStack, request: Request, scope: str
    ) -> BaseHTTPResponse:
        """Ask, and once more with each thing that the registry may want to see."""
        known = self.authorization.header(scope)
        response = stack.enter_context(self._ask(request, known))
        if response.status != 401 or not self._is_own(response.url):
            return response
        wanted = challenges(response.headers.getlist("WWW-Authenticate"))
        where = urlsplit(request.url)
        for attempt in self.authorization.attempts(wanted, scope, where):
            stack.close()
            response = stack.enter_context(self._ask(request, attempt.header))
            if response.status not in (401, 403) or not self._is_own(response.url):
                self.authorization.keep(attempt, scope)
                break
        return response

    def _ask(
        self, request: Request, header: str
    ) -> contextlib.AbstractContextManager[BaseHTTPResponse]:
        return self.exchange.ask(
            request.url,
            request.headers,
            method=request.method,
            body=request.body,
            private={"Authorization": header} if header else {},
            patient=request.patient,
        )

    def _is_own(self, url: str | None) -> bool:
        """Return whether this is the registry itself, not where it redirects to."""
        return netloc(urlsplit(url or "")) == self._server

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

    def elsewhere(self, response: BaseHTTPResponse) -> str:
        """Return the server that has answered if it is not the registry itself."""
        server = netloc(urlsplit(response.url or ""))
        return "" if server == self._server else server

    def login(self) -> str:
        """Return what names the stored login, as in errors; "" if there is none."""
        login = self.authorization.login()
        return login.name() if login else ""
