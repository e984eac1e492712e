"""What a registry lists: the tags of a repository, what refers to a manifest.

A list comes in pages, each of which names the next one in a header Link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size
from plashui.transfer.connections import netloc
from plashui.transfer.registry.endpoint import Endpoint
from plashui.transfer.registry.errors import NotFound
from plashui.transfer.registry.reference import is_tag
from plashui.transfer.web import joined

if TYPE_CHECKING:
    from typing import Any, Final

    from urllib3 import BaseHTTPResponse

_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_PAGES: Final = 1000
_MOST: Final = 32 << 20  # bytes of all pages
_LINK: Final = 4096  # characters of a header
_UNKNOWN: Final = (400, 404, 405, 406, 501)
"""What a registry may answer that does not know what it is asked for."""


def tags(at: Endpoint, name: str) -> list[str]:
    """Return the tags of a repository; `name` is what a person calls it."""
    found: list[str] = []
    for page in _pages(at, "tags/list?n=1000", "list of tags", name):
        listed = page.get("tags")
        tags = (
            [tag for tag in listed if is_tag(tag)] if isinstance(listed, list) else []
        )
        found += tags
        if not tags:
            break
    return list(dict.fromkeys(found))


def referrers(
    at: Endpoint, name: str, digest: str, artifact_type: str = ""
) -> list[object]:
    """Return the descriptors of what refers to a manifest, which are not checked.

    A registry without an API for that has them in an index with a tag made of the
    digest (OCI distribution specification, "Referrers Tag Schema"). Raises NotFound
    without that, too. A registry may leave out other types than `artifact_type`.
    """
    what, of = "list of referrers", f"{name}@{digest}"
    query = f"?artifactType={quote(artifact_type, safe='')}" if artifact_type else ""
    try:
        pages = list(_pages(at, f"referrers/{digest}{query}", what, of, only=_INDEX))
    except NotFound:
        tag = digest.replace(":", "-")
        pages = list(_pages(at, f"manifests/{tag}", what, of, accept=_INDEX))
    found: list[object] = []
    for page in pages:
        listed = page.get("manifests")
        if not isinstance(listed, list):
            raise PlashError(f"{at.host} sends something else than a {what} of {of}")
        found += listed
    return found


def _pages(
    at: Endpoint, place: str, what: str, of: str, *, accept: str = "", only: str = ""
) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list, which are JSON objects.

    With `only`, raise NotFound unless the first one is of this media type: a registry
    that does not know the place may lead to a web page.
    """
    accept = accept or only
    headers = {"Accept": accept} if accept else {}
    fine = (200, *_UNKNOWN) if only else (200,)
    left = _MOST
    for number in range(_PAGES):
        with at.get(place, f"{what} of {of}", headers, fine) as response:
            if only and not _is(response, only):
                lost = PlashError if number else NotFound
                raise lost(f"{at.host} has no {what} of {of}")
            raw = at.exchange.document(response, f"the {what}")
            page = at.exchange.parsed(raw, response, f"the {what}")
            link = response.headers.get("Link", "")[:_LINK]
        left -= len(raw)
        if left < 0:
            raise PlashError(f"{at.host} sends more than {size(_MOST)} as the {what}")
        yield page
        following = re.search(r'<([^>]*)>\s*;\s*rel="?next', link)
        if not following:
            break
        place = _below(at.url(""), at.url(place), following[1], what)


def _is(response: BaseHTTPResponse, kind: str) -> bool:
    told = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return response.status == 200 and told == kind


def _below(base: str, page: str, link: str, what: str) -> str:
    """Return the place of the next page; raise if it is not of this repository."""
    url = joined(page, link)
    if not url.startswith(base):
        server = netloc(urlsplit(page))
        raise PlashError(f"{server} continues its {what} at another place")
    return url.removeprefix(base)
