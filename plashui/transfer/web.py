"""Requests to web servers: redirects, proxies, passwords, and errors for people."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from plashui import __version__
from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

    from urllib3 import BaseHTTPResponse, PoolManager

_REDIRECTS: Final = 10
_CONNECT: Final = 20.0  # seconds
_SILENCE: Final = 60.0  # seconds without a byte until a connection counts as dead


def shown(url: str) -> str:
    """Return the URL without password and query, which may hold a token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def with_scheme(url: str) -> str:
    """Add the scheme http to a URL that has none, as curl does."""
    return url if "://" in url else f"http://{url}"


def file_of(url: str) -> str | None:
    """Return the path of a file: URL of this machine (RFC 8089); None for others."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            return unquote(parts.path, errors="surrogateescape")
    return None


def check_url(url: str) -> None:
    """Raise PlashError for a URL that is not of http or https."""
    try:
        parts = urlsplit(url)
        host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), False
    if parts.scheme in ("ftp", "ftps", "sftp", "scp"):
        raise PlashError(
            f"cannot fetch {shown(url)}: {parts.scheme} is not supported",
            "Use another program: curl URL | plash pull:tarfile",
        )
    if parts.scheme not in ("http", "https") or not host:
        raise PlashError(f"{shown(url)} is not an http or https URL")


@contextlib.contextmanager
def asked(
    url: str, headers: Mapping[str, str], checked: bool
) -> Iterator[BaseHTTPResponse]:
    """Request a URL and follow redirects; yield the answer."""
    first = urlsplit(url)
    for _turn in range(_REDIRECTS + 1):
        parts = urlsplit(url)
        sent = {
            "Accept-Encoding": "identity",
            "User-Agent": f"plashui/{__version__}",
            **headers,
        }
        same = _server(parts) == _server(first)
        if same and first.username is not None:
            sent |= _password(first)
        with _client(parts) as client:
            response = client.request(
                "GET",
                parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
                headers=sent,
                preload_content=False,
                redirect=False,
                retries=False,
            )
            target = response.get_redirect_location()
            if not target:
                try:
                    yield response
                finally:
                    response.close()
                return
            response.close()
        url = urljoin(url, target)
        check_url(url)
        if parts.scheme == "https" and urlsplit(url).scheme == "http" and not checked:
            raise PlashError(
                f"the server redirects to {shown(url)}, which is not encrypted",
                "Give the file's --sha256, or use that URL",
            )
    raise PlashError(f"{shown(first.geturl())} redirects too many times")


def _server(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _password(parts: SplitResult) -> dict[str, str]:
    from urllib3 import make_headers

    user, word = unquote(parts.username or ""), unquote(parts.password or "")
    return make_headers(basic_auth=f"{user}:{word}")


def _client(parts: SplitResult) -> PoolManager:
    """Return a client for a URL, with the proxy that the environment names."""
    from urllib.request import getproxies_environment, proxy_bypass

    from urllib3 import PoolManager, ProxyManager, Timeout

    timeout = Timeout(connect=_CONNECT, read=_SILENCE)
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return PoolManager(timeout=timeout)
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    where = urlsplit(proxy)
    if where.scheme not in ("http", "https"):
        raise PlashError(f"the proxy scheme {where.scheme} is not supported")
    headers = {}
    if where.username is not None:
        word = _password(where)["authorization"]
        headers["proxy-authorization"] = word
    address = where._replace(netloc=where.netloc.rpartition("@")[2]).geturl()
    return ProxyManager(address, proxy_headers=headers, timeout=timeout)


def why(error: Exception) -> tuple[str, str]:
    """Return the reason of a network error, and the remedy ('' if there is none)."""
    from urllib3 import exceptions as e

    if isinstance(error, e.ProxyError):
        return f"the proxy: {_cause(error)}", "Check https_proxy and http_proxy"
    if isinstance(error, e.NameResolutionError):
        return "unknown host, or no network", ""
    if isinstance(error, e.SSLError):
        reason = _cause(error)
        if "certificate verify failed" not in str(error):
            return f"no encrypted connection: {reason}", ""
        return (
            f"the server cannot be trusted: {reason}",
            "SSL_CERT_FILE can name a file with certificates to trust",
        )
    if isinstance(error, e.NewConnectionError):
        return _cause(error), ""
    if isinstance(error, e.TimeoutError):
        return "the server does not answer", ""
    if isinstance(error, e.ProtocolError):
        return f"the connection broke: {_cause(error)}", ""
    return _cause(error), ""


def _cause(error: BaseException) -> str:
    """Return the message of the innermost error, without class names."""
    import ssl

    seen: BaseException | None = error
    found = str(error)
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_message
        if isinstance(seen, OSError) and seen.strerror:
            found = seen.strerror
        inner = seen.args[-1] if seen.args else None
        seen = (
            seen.__cause__
            or seen.__context__
            or (inner if isinstance(inner, BaseException) else None)
        )
    return found


def refusal(url: str, response: BaseHTTPResponse) -> PlashError:
    """Return the error for an HTTP status without a file."""
    status = response.status
    name = shown(url)
    if status in (404, 410):
        return PlashError(f"cannot fetch {name}: not found ({status})")
    if status in (401, 403):
        return PlashError(
            f"cannot fetch {name}: access denied ({status})",
            "Put user and password into the URL: https://USER:PASSWORD@HOST/",
        )
    reason = f" {response.reason}" if response.reason else ""
    return PlashError(f"cannot fetch {name}: the server says {status}{reason}")
