"""Errors for what a registry refuses: what, why, and what a person can do."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.registry.errors import (
    DigestRefused,
    NotFound,
    Unauthorized,
    UploadLost,
)
from plashui.transfer.web.requests import retry_after

if TYPE_CHECKING:
    from typing import Final

    from urllib3 import BaseHTTPResponse

    from plashui.transfer.registry.endpoint import Endpoint

_LOST: Final = ("BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "SIZE_INVALID")
_NOT_ALL: Final = ("MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN")
_FULL: Final = ("no space left", "disk quota exceeded", "disk full")
_REST: Final = ": only what is missing is sent"
_AGAIN: Final = f"Try again{_REST}"


def fetch_refusal(at: Endpoint, response: BaseHTTPResponse, what: str) -> PlashError:
    """Return the error for the status of an answer to a question for `what`."""
    said = at.exchange.said(response)
    cannot = f"cannot fetch {what}"
    if server := at.elsewhere(response):
        return _elsewhere(at, server, cannot, said)
    if response.status == 404:
        missing = what.removeprefix(f"{at.host}/")
        return NotFound(f"{at.host} has no {missing} ({said})")
    if response.status == 429:
        why, when = _too_many(at, response, said)
        return PlashError(f"{cannot}: {why}", when)
    if response.status not in (401, 403):
        return PlashError(f"{cannot}: {at.host} says {said}")
    said = at.authorization.refused or said
    if login := at.login():
        return Unauthorized(
            f"{cannot}: {at.host} refuses {login} ({said})",
            f"Log in with another one: plash login {at.host}",
        )
    return Unauthorized(
        f"{cannot}: {at.host} wants a login, or has no such repository ({said})",
        f"To log in: plash login {at.host}",
    )


def push_refusal(at: Endpoint, response: BaseHTTPResponse, what: str) -> PlashError:
    """Return the error for the status of an answer when `what` is pushed."""
    html = response.headers.get("Content-Type", "").lower().startswith("text/html")
    said = at.exchange.said(response)
    cannot = f"cannot push {what}"
    if server := at.elsewhere(response):
        return _elsewhere(at, server, cannot, said)
    if response.status in (401, 403):
        return _may_not(at, cannot, at.authorization.refused or said)
    if html and response.status < 300:
        return PlashError(
            f"{cannot}: {at.host} does not answer like a registry but with a web page",
            "Check the name of the host",
        )
    if "DIGEST_INVALID" in said:
        return DigestRefused(f"{cannot}: {at.host} says {said}", "Try again")
    if any(code in said for code in _LOST):
        return UploadLost(f"{cannot}: {at.host} says {said}", "Try again")
    why, remedy = _reason(at, response, said)
    return PlashError(f"{cannot}: {why}", remedy)


def _elsewhere(at: Endpoint, server: str, cannot: str, said: str) -> PlashError:
    return PlashError(f"{cannot}: {server}, which stores it for {at.host}, says {said}")


def _may_not(at: Endpoint, cannot: str, said: str) -> Unauthorized:
    if login := at.login():
        return Unauthorized(
            f"{cannot}: {at.host} does not let {login} push there ({said})",
            f"Log in with one that may: plash login {at.host}",
        )
    return Unauthorized(
        f"{cannot}: {at.host} wants a login for that ({said})",
        f"To log in: plash login {at.host}",
    )


def _reason(at: Endpoint, response: BaseHTTPResponse, said: str) -> tuple[str, str]:
    """Return why something cannot be pushed, and what to do."""
    status, host = response.status, at.host
    if status == 507 or (status >= 500 and any(one in said.lower() for one in _FULL)):
        return f"the disk of {host} is full ({said})", "Its keeper has to make room"
    if any(code in said for code in _NOT_ALL):
        return f"{host} does not have all blobs of it ({said})", _AGAIN
    if status == 404:
        return (
            f"{host} has no repository {at.path} to push into ({said})",
            "Check the name; some registries want a repository to be made first",
        )
    if status in (405, 501) or "UNSUPPORTED" in said:
        return f"{host} can only be read ({said})", "Push to another registry"
    if status == 413:
        return (
            f"{host}, or a proxy before it, refuses so much at once ({said})",
            "Its keeper can raise the limit (nginx: client_max_body_size)",
        )
    if status == 429:
        why, when = _too_many(at, response, said)
        return why, f"{when}{_REST}"
    again = f"Try again later{_REST}" if status >= 500 else ""
    return f"{host} says {said}", again


def _too_many(at: Endpoint, response: BaseHTTPResponse, said: str) -> tuple[str, str]:
    """Return why a registry that has had enough sends nothing, and what to do."""
    seconds = retry_after(response.headers)
    when = f"Try again in {seconds:.0f} s" if seconds else "Try again later"
    return f"{at.host} has had too many requests ({said})", when
