"""A manifest and a blob that the fake registry has in many tests."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from plashui.transfer.registry.client import MANIFESTS
from tests.transfer.registry.fake import Answer, Question

RAW = b'{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(RAW).hexdigest()}"
MANIFEST = Answer(200, RAW, {"Content-Type": f"{MANIFESTS[1]}; charset=utf-8"})
TAG = "/v2/a/manifests/1"
BYTES = bytes(range(256)) * 400
BLOB = f"sha256:{hashlib.sha256(BYTES).hexdigest()}"
PLACE = f"/v2/a/blobs/{BLOB}"


def endless(piece: bytes = b"x" * (1 << 16)) -> Iterator[bytes]:
    """A body that does not end."""
    return itertools.repeat(piece)


def ranged(question: Question) -> Answer:
    """BYTES, or the part that is asked for."""
    start = int((question.headers["Range"] or "bytes=0-")[6:-1])
    if not start:
        return Answer(200, BYTES)
    span = f"bytes {start}-{len(BYTES) - 1}/{len(BYTES)}"
    return Answer(206, BYTES[start:], {"Content-Range": span})
