"""Requests to web servers: redirects, passwords, pauses, and errors for people."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import SplitResult, unquote, urlencode, urljoin, urlsplit

from plashui import __version__
from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.web.connections import Connections, netloc, password, trusted

if TYPE_CHECKING:
    from typing import Any, Final

    from urllib3 import BaseHTTPResponse

WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds to wait before each further try without progress."""
_REDIRECTS: Final = 10
_DIGITS: Final = 19  # of a number that no header has; int() refuses very long ones
_SHORT: Final = 1 << 16  # bytes that are read to keep a connection


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


def joined(url: str, link: str) -> str:
    """Return where a link at a URL leads; raise PlashError for an invalid one."""
    try:
        return urljoin(url, link)
    except ValueError:
        raise PlashError(f"{shown(url)} leads to an invalid address") from None


def any_redirect(_old: SplitResult, _new: SplitResult) -> None:
    """Allow a redirect."""


@contextlib.contextmanager
def asked(
    url: str,
    headers: Mapping[str, str],
    *,
    method: str = "GET",
    body: Iterable[Any] | None = None,
    follow: Callable[[SplitResult, SplitResult], None] = any_redirect,
    private: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    connections: Connections | None = None,
) -> Iterator[BaseHTTPResponse]:
    """Request a URL and follow redirects; yield the answer, whose `url` is the last.

    `follow` raises PlashError for a redirect that may not be followed. Only the server
    of `url` gets the `private` headers and the password in `url`. Other methods than
    GET and HEAD follow only redirects that keep the method and the `body`, which is
    gone through for each. A `form` is posted, and then redirects are answers.
    """
    if form is not None:
        method = "POST"
    first = urlsplit(url)
    opened = contextlib.nullcontext(connections) if connections else Connections()
    with opened as open_ones:
        for _turn in range(_REDIRECTS + 1):
            parts = urlsplit(url)
            sent = {
                "Accept-Encoding": "identity",
                "User-Agent": f"plashui/{__version__}",
                **headers,
            }
            if form is not None:
                sent["Content-Type"] = "application/x-www-form-urlencoded"
            if _server(parts) == _server(first):
                if first.username is not None:
                    sent |= password(first)
                sent |= private or {}
            response = open_ones.client(parts).request(
                method,
                parts._replace(netloc=netloc(parts)).geturl(),
                headers=sent,
                body=body if form is None else urlencode(form),
                preload_content=False,
                redirect=False,
                retries=False,
            )
            target = response.get_redirect_location()
            keeps = method in ("GET", "HEAD") or response.status in (307, 308)
            if not target or not keeps or form is not None:
                response.url = url
                try:
                    yield response
                except BaseException:
                    response.close()
                    raise
                _leave(response)
                return
            _leave(response)
            url = joined(url, target)
            check_url(url)
            follow(parts, urlsplit(url))
    raise PlashError(f"{shown(first.geturl())} redirects too many times")


def _leave(response: BaseHTTPResponse) -> None:
    """Close an answer; read a short one first, which keeps its connection open."""
    from urllib3.exceptions import HTTPError

    length = number(response.headers.get("Content-Length"))
    with contextlib.suppress(HTTPError, OSError):
        if length is not None and length <= _SHORT:
            response.read(decode_content=False)
    response.close()


def _server(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds after which a busy server wants the next try; 0: unsaid."""
    from email.utils import parsedate_to_datetime

    said = headers.get("Retry-After", "")
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    return float(number(said) or 0)


def number(text: str | None) -> int | None:
    """Return a decimal number of a header; None for anything else."""
    if text and text.isascii() and text.isdecimal() and len(text) < _DIGITS:
        return int(text)
    return None


def content_range(text: str | None) -> tuple[int | None, int | None]:
    """Parse Content-Range (`bytes 5-9/10`): the first byte and the file's size."""
    unit, _space, rest = (text or "").partition(" ")
    span, _slash, total = rest.partition("/")
    first = span.partition("-")[0]
    return (number(first) if unit == "bytes" else None, number(total))


def why(error: Exception) -> tuple[str, str]:
    """Return the reason of a network error, and the remedy ('' if there is none)."""
    from urllib3 import exceptions as e

    if isinstance(error, e.ProxyError):
        return f"the proxy: {_cause(error)}", "Check https_proxy and http_proxy"
    if isinstance(error, e.NameResolutionError):
        return "unknown host, or no network", ""
    if isinstance(error, e.SSLError):
        reason = _cause(error).rstrip(".")
        if "certificate verify failed" not in str(error):
            return f"no encrypted connection: {reason}", ""
        return f"the server cannot be trusted: {reason}", trusted()
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
