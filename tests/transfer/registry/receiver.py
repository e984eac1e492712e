"""A fake registry that takes blobs as it should, but for the faults of a test."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry.upload import Uploads
from plashui.transfer.registry.upload_writer import Write
from tests.transfer.registry.fake import Answer, Answering, Fake, Question

UPLOADS = "/v2/a/blobs/uploads/"
CHUNK = 100_000
"""Bytes of a chunk in the tests with this registry."""
BYTES = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(11_000))
"""Four chunks, the last one not full; no gap or repetition leaves it alike."""
DIGEST = f"sha256:{hashlib.sha256(BYTES).hexdigest()}"
HTML = Answer(502, b"<html>", {"Content-Type": "text/html"})


def make(write: Write) -> None:
    """Write BYTES, in pieces."""
    for at in range(0, len(BYTES), 7_001):
        write(BYTES[at : at + 7_001])


def refused(repository: Uploads) -> str:
    """What is said when BYTES cannot be sent."""
    with pytest.raises(PlashError) as caught:
        repository.blob(make)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def error(status: int, code: str, message: str = "no", **headers: str) -> Answer:
    """An error as registries send them."""
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    found = {key.replace("_", "-"): value for key, value in headers.items()}
    return Answer(status, body, found)


@dataclass
class Receiver(Fake):
    """A repository `a`, which keeps `blobs` and `manifests`.

    `faults` are what the next requests of each method get in place of an answer; None
    for one that is answered as it should be. It knows one upload at a time, whose
    location is another one with each answer; `base` is before it.
    """

    faults: dict[str, list[Answer | Answering | None]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    base: str = ""
    query: str = "?_state={}"
    data: bytearray | None = None
    opened: int = 0
    state: int = 0

    def answer(self, question: Question) -> Answer:
        """The answer to a question."""
        bare = question.path.partition("?")[0]
        if bare in self.answers:
            return super().answer(question)
        self.asked.append(question)
        faults = self.faults.get(question.method)
        fault = faults.pop(0) if faults else None
        if fault is not None:
            return fault if isinstance(fault, Answer) else fault(question)
        return self.usual(question)

    def usual(self, question: Question) -> Answer:
        """What a registry answers."""
        parts = urlsplit(question.path)
        words = parse_qs(parts.query)
        if question.method == "HEAD":
            found = self.blobs.get(parts.path.rpartition("/")[2])
            if found is None:
                return Answer(404)
            return Answer(200, b"", {"Content-Length": str(len(found))})
        if "/manifests/" in parts.path:
            self.manifests[parts.path.rpartition("/")[2]] = question.body
            return Answer(201)
        if question.method == "POST":
            self.data, self.opened = bytearray(), self.opened + 1
            return self._accepted(202)
        digest = words.pop("digest", [""])[0]
        if self.data is None or parts.path != f"{UPLOADS}{self.opened}":
            return error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        return self._of_upload(question, digest)

    def _of_upload(self, question: Question, digest: str) -> Answer:
        assert self.data is not None
        if question.method == "GET":
            return self._accepted(204)
        if question.method == "PATCH":
            return self.take(question)
        data, self.data = bytes(self.data), None
        if question.method == "DELETE":
            return Answer(204)
        if digest != f"sha256:{hashlib.sha256(data).hexdigest()}":
            return error(400, "DIGEST_INVALID", "provided digest did not match")
        self.blobs[digest] = data
        return Answer(201, b"", {"Docker-Content-Digest": digest})

    def take(self, question: Question, most: int | None = None) -> Answer:
        """Take a piece, or its first bytes."""
        assert self.data is not None
        span = question.headers["Content-Range"]
        if span:
            first, _, last = span.partition("-")
            assert int(last) - int(first) + 1 == int(question.headers["Content-Length"])
            if int(first) != len(self.data):
                return error(416, "RANGE_INVALID")
        self.data += question.body[:most]
        return self._accepted(202)

    def _accepted(self, status: int) -> Answer:
        assert self.data is not None
        self.state += 1
        span = f"0-{max(0, len(self.data) - 1)}"
        where = f"{self.base}{UPLOADS}{self.opened}{self.query.format(self.state)}"
        return Answer(status, b"", {"Location": where, "Range": span})

    def methods(self) -> str:
        """The methods of what it was asked below the repository, in order."""
        return " ".join(one.method for one in self.asked if "/a/" in one.path)

    def sent_again(self) -> int:
        """How many bytes more than those of BYTES were sent in pieces."""
        pieces = [one for one in self.asked if one.method == "PATCH"]
        return sum(map(length, pieces)) - len(BYTES)


def length(question: Question) -> int:
    """How many bytes were sent with it; with those that were not taken, if known."""
    return int(question.headers["Content-Length"] or len(question.body))
