"""What a registry wants to see with a request: nothing, a password, or a token.

A registry says so in its answer 401. A token comes from the server that it names, for a
scope such as `repository:library/debian:pull`, and is kept in memory until it expires.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.registry.challenge import Challenge
from plashui.transfer.registry.credentials import Credential
from plashui.transfer.registry.exchange import Exchange
from plashui.transfer.web.connections import is_loopback, netloc

if TYPE_CHECKING:
    from typing import Any, Final

    from urllib3 import BaseHTTPResponse

PULLING: Final = "pull"
PUSHING: Final = "pull,push"
"""What may be done to a repository, as scopes name it."""

_LIFETIME: Final = 60.0  # seconds, of a token that does not say
_CLIENT: Final = "plashui"


class Attempt(NamedTuple):
    """A header Authorization to try, its login (None: anonymous), and its lifetime."""

    header: str
    login: Credential | None
    lifetime: float


class Authorization:
    """The authorization at one registry, and the tokens for its scopes."""

    def __init__(
        self,
        host: str,
        exchange: Exchange,
        find: Callable[[], Credential | None],
        tell: Callable[[str], object],
    ) -> None:
        """Look for a login, by `find`, once the registry wants one."""
        self.host, self._exchange = host, exchange
        self._find, self._tell = find, tell
        self._looked = False
        self._login: Credential | None = None
        self._kept: dict[str, tuple[str, float]] = {}
        self.refused = ""

    def login(self) -> Credential | None:
        """Return the stored login."""
        if not self._looked:
            self._login = self._find()
            if self._login:
                words = (self._login.secret, self._login.identity, self._login.basic())
                self._exchange.keep_secret(*words, self._login.basic().split()[1])
            self._looked = True
        return self._login

    def header(self, scope: str) -> str:
        """Return the header to send for a scope; "" to try without."""
        header, end = self._kept.get(scope, ("", 0.0))
        return header if time.monotonic() < end else ""

    def attempts(
        self,
        wanted: list[Challenge],
        scope: str,
        registry: SplitResult,
        *,
        anonymous: bool = True,
    ) -> Iterator[Attempt]:
        """Yield what to try after a 401: with the stored login, then without.

        `registry` is the URL that was refused. What the token server said against it
        is kept in `refused`.
        """
        wanted = sorted(wanted, key=lambda one: one.scheme != "bearer")
        login = self.login()
        for who in [login] * (login is not None) + [None] * anonymous:
            for challenge in wanted:
                if challenge.scheme == "bearer":
                    token = self._token(challenge, scope, who, registry)
                    if token:
                        yield token
                elif challenge.scheme == "basic" and who and who.secret:
                    yield Attempt(who.basic(), who, float("inf"))

    def keep(self, attempt: Attempt, scope: str) -> None:
        """Remember what the registry has accepted; say whose login that was."""
        self._kept[scope] = (attempt.header, time.monotonic() + attempt.lifetime)
        login = self.login()
        if attempt.login:
            self._tell(f"{self.host}: {attempt.login.name()} is used")
        elif login:
            self._tell(f"{self.host} refused {login.name()}; it was asked without")

    def _token(
        self,
        challenge: Challenge,
        scope: str,
        login: Credential | None,
        registry: SplitResult,
    ) -> Attempt | None:
        """Return a token from the server of a challenge; None if it refuses."""
        realm = challenge.parameters.get("realm", "")
        self._check(realm, registry)
        words = {"service": challenge.parameters.get("service", "")}
        words = {key: word for key, word in words.items() if word}
        scopes = _scopes(challenge.parameters.get("scope", ""), scope)
        if login and login.identity:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": login.identity,
                "client_id": _CLIENT,
                "scope": " ".join(scopes),
                **words,
            }
            asking = self._exchange.ask(realm, form=form)
        else:
            if login:
                words["account"] = login.user
            url = _with_query(realm, [*words.items(), *(("scope", s) for s in scopes)])
            private = {"Authorization": login.basic()} if login else {}
            asking = self._exchange.ask(url, private=private)
        with asking as response:
            if response.status in (400, 401, 403):
                self.refused = self._exchange.said(response)
                return None
            return self._read(response, login)

    def _read(self, response: BaseHTTPResponse, login: Credential | None) -> Attempt:
        server = netloc(urlsplit(response.url or ""))
        if response.status != 200:
            raise PlashError(
                f"cannot get a token for {self.host}:"
                f" {server} says {self._exchange.said(response)}"
            )
        found = self._exchange.json(response, "the token")
        token = found.get("token") or found.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
            raise PlashError(f"{server} gives no token for {self.host}, but garbage")
        self._exchange.keep_secret(token)
        return Attempt(f"Bearer {token}", login, _lifetime(found))

    def _check(self, realm: str, registry: SplitResult) -> None:
        """Refuse a token server that would get a password unencrypted."""
        try:
            where = urlsplit(realm)
            fine = where.scheme == "https" or (
                where.scheme == "http"
                and (
                    netloc(where) in self._exchange.insecure
                    or (registry.scheme == "http" and _same_side(where, registry))
                )
            )
        except ValueError:
            where, fine = urlsplit(""), False
        if not fine:
            raise PlashError(
                f"{self.host} names a token server that is not https:"
                f" {self._exchange.harmless(where._replace(query='').geturl())!r}",
                f"`--insecure {netloc(where)}` allows it" if netloc(where) else "",
            )


def _scopes(said: str, ours: str) -> list[str]:
    """Return the scopes to ask for: those that the registry says.

    With the right to push it is asked for once, though reading wants less.
    """
    if not said or not ours.partition(" ")[0].endswith(PUSHING):
        return (said or ours).split()
    wanted = ours.split()
    names = {one.rpartition(":")[0] for one in wanted}
    return wanted + [one for one in said.split() if one.rpartition(":")[0] not in names]


def _same_side(one: SplitResult, other: SplitResult) -> bool:
    """Return whether both are the same host, or both this machine."""
    return one.hostname == other.hostname or (
        is_loopback(one.hostname) and is_loopback(other.hostname)
    )


def _with_query(url: str, words: list[tuple[str, str]]) -> str:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *words])
    return parts._replace(query=query, fragment="").geturl()


def _lifetime(found: dict[str, Any]) -> float:
    said = found.get("expires_in")
    if isinstance(said, int | float) and not isinstance(said, bool) and said > 0:
        return 0.9 * min(float(said), 86400.0)
    return 0.9 * _LIFETIME
