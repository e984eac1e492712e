"""What a request asks for, and the answers that are documents.

The API is https://github.com/opencontainers/distribution-spec: the part that pulls.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, quote, unquote

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.registry.reference import is_digest, is_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

JSON: Final = "application/json"
_ERRORS: Final = {
    "manifests": ("MANIFEST_UNKNOWN", "no such image is served"),
    "blobs": ("BLOB_UNKNOWN", "no image that is served here has this blob"),
    "tags": ("NAME_UNKNOWN", "no image of this name is served"),
}


class Answer(NamedTuple):
    """An answer that is at hand."""

    status: int
    body: bytes
    kind: str = JSON
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    """What a path asks for: `kind` is "", catalog, tags, manifests or blobs.

    `name` is the repository, `ref` the tag or digest.
    """

    kind: str
    name: str = ""
    ref: str = ""


def asked(path: str) -> Asked | None:
    """Read the path of a request, without a query; None for anything else."""
    words = unquote(path).split("/")
    if words[:2] != ["", "v2"]:
        return None
    rest = words[2:]
    if rest in ([], [""]):
        return Asked("")
    if rest == ["_catalog"]:
        return Asked("catalog")
    if len(rest) < 3:
        return None
    name, (kind, ref) = "/".join(rest[:-2]), rest[-2:]
    if (kind, ref) == ("tags", "list"):
        return Asked("tags", name)
    if kind == "manifests" and (is_tag(ref) or is_digest(ref)):
        return Asked(kind, name, ref)
    return Asked(kind, name, ref) if kind == "blobs" and is_digest(ref) else None


def error(status: int, code: str, message: str, **headers: str) -> Answer:
    """Return an error in the form that the specification gives it."""
    body = {"errors": [{"code": code, "message": message}]}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body).encode(), JSON, named)


def missing(kind: str = "") -> Answer:
    """Return the error for what is not there."""
    return error(404, *_ERRORS.get(kind, ("UNSUPPORTED", "nothing is here")))


def page(path: str, query: str, key: str, found: Iterable[str], **more: str) -> Answer:
    """Return a list, or the part of it that `n` and `last` in the query ask for."""
    words = parse_qs(query)
    after, most = words.get("last", [""])[0], words.get("n", [""])[0]
    rest = [one for one in sorted(found) if one > after]
    headers = {}
    if most:
        if not re.fullmatch(r"[0-9]{1,9}", most):
            return error(400, "PAGINATION_NUMBER_INVALID", "n is not a number")
        rest, left = rest[: int(most)], rest[int(most) :]
        if left and rest:
            more_at = f"{path}?n={int(most)}&last={quote(rest[-1], safe='')}"
            headers["Link"] = f'<{more_at}>; rel="next"'
    return Answer(200, json.dumps({**more, key: rest}).encode(), JSON, headers)


def part(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first byte that a Range asks for, and the one behind the last.

    None is for all. An empty part is one that is not there.
    """
    found = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", (header or "").strip())
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if int(first) < size else (size, size)
