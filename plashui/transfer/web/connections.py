"""Connections to web servers: proxies, certificates, time limits; kept for reuse."""

from __future__ import annotations

import os
from collections.abc import Collection
from threading import Lock
from urllib.parse import SplitResult, unquote, urlsplit

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Final, Self

    from urllib3 import PoolManager

CONNECT = 20.0
"""Seconds in which a server must accept a connection."""
SILENCE = 60.0
"""Seconds without a byte until a connection counts as dead."""

_KEPT: Final = 8  # open connections to one server


class Connections:
    """Connections to servers, kept open for further requests of any thread.

    `unverified`: servers as `HOST[:PORT]` whose certificates are not checked.
    """

    def __init__(self, unverified: Collection[str] = ()) -> None:
        """Open nothing yet."""
        self._unverified = unverified
        self._clients: dict[tuple[str, bool], PoolManager] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Return these connections."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the connections that nobody uses."""
        for client in self._clients.values():
            client.clear()

    def client(self, parts: SplitResult) -> PoolManager:
        """Return a client for a URL, with the proxy that the environment names."""
        from urllib.request import getproxies_environment, proxy_bypass

        proxies = getproxies_environment()
        proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
        if proxy and (is_loopback(parts.hostname) or proxy_bypass(netloc(parts))):
            proxy = ""
        verified = netloc(parts) not in self._unverified
        with self._lock:
            found = self._clients.get((proxy, verified))
            if found is None:
                found = self._clients[proxy, verified] = _client(proxy, verified)
            return found


def netloc(parts: SplitResult) -> str:
    """Return host and port of a URL, without its password."""
    return parts.netloc.rpartition("@")[2]


def is_loopback(host: str | None) -> bool:
    """Return whether this is a name or an address of this machine's own network."""
    return host in ("localhost", "::1") or (host or "").startswith("127.")


def password(parts: SplitResult) -> dict[str, str]:
    """Return the header that sends the user and the password of a URL."""
    from urllib3 import make_headers

    user, word = unquote(parts.username or ""), unquote(parts.password or "")
    return make_headers(basic_auth=f"{user}:{word}")


def trusted() -> str:
    """Say which certificates are trusted, or how to name them."""
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if file := os.environ.get(variable):
            wrong = "" if os.access(file, os.R_OK) else ", which cannot be read"
            return f"{variable} names the certificates to trust: {file}{wrong}"
    return "SSL_CERT_FILE can name a file with certificates to trust"


def _client(proxy: str, verified: bool) -> PoolManager:
    from urllib3 import PoolManager, ProxyManager, Timeout

    options: dict[str, Any] = {
        "timeout": Timeout(connect=CONNECT, read=SILENCE),
        "maxsize": _KEPT,
        **_trust(verified),
    }
    if not proxy:
        return PoolManager(**options)
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    where = urlsplit(proxy)
    if where.scheme not in ("http", "https"):
        raise PlashError(f"the proxy scheme {where.scheme} is not supported")
    headers = {}
    if where.username is not None:
        word = password(where)["authorization"]
        headers["proxy-authorization"] = word
    address = where._replace(netloc=netloc(where)).geturl()
    return ProxyManager(address, proxy_headers=headers, **options)


def _trust(verified: bool) -> dict[str, str]:
    """Return the options of a client that say whose certificates it accepts.

    OpenSSL itself reads $SSL_CERT_FILE. Without it $REQUESTS_CA_BUNDLE, as other Python
    programs know it, replaces the certificates of this machine.
    """
    if not verified:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return {"cert_reqs": "CERT_NONE"}
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if not bundle or os.environ.get("SSL_CERT_FILE"):
        return {}
    if os.path.isdir(bundle):  # noqa: PTH112
        return {"ca_cert_dir": bundle}
    import ssl

    try:
        ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise PlashError(
            f"cannot read the certificates {bundle}", "REQUESTS_CA_BUNDLE names them"
        ) from error
    return {"ca_certs": bundle}
