"""Manifests and tags come as they are, or not at all: servers lie and break."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.settings.config import Config
from plashui.settings.config import Registry as Setting
from plashui.transfer.registry.client import MANIFESTS
from plashui.transfer.registry.errors import CutOff, NotFound
from plashui.transfer.web import connections
from plashui.transfer.web.requests import WAITS
from tests.tools import wait_for
from tests.transfer.registry.conftest import Opened
from tests.transfer.registry.fake import Answer, Answering, Fake, Question, serving
from tests.transfer.registry.shared import (
    BLOB,
    BYTES,
    DIGEST,
    MANIFEST,
    PLACE,
    RAW,
    TAG,
    endless,
    ranged,
)


def manifest_error(fake: Fake, opened: Opened, answer: Answer, ref: str = "1") -> str:
    """What is said when this is answered as a manifest."""
    fake.answers[f"/v2/a/manifests/{ref}"] = answer
    with pytest.raises(PlashError) as caught:
        opened(f"{fake.host}/a").manifest(ref)
    return str(caught.value)


def test_all_types_of_manifests_are_asked_for(fake: Fake, opened: Opened) -> None:
    fake.answers[TAG] = MANIFEST
    found = opened(f"{fake.host}/a").manifest("1")
    assert found == (RAW, MANIFESTS[1], DIGEST, fake.host)
    (question,) = fake.of(TAG)
    assert question.headers["Accept"].split(", ") == list(MANIFESTS)
    assert question.headers["Accept-Encoding"] == "identity"
    assert question.headers["Authorization"] is None


@pytest.mark.parametrize(
    ("ref", "said"), [("1", f"sha256:{'0' * 64}"), (f"sha256:{'0' * 64}", "")]
)
def test_a_manifest_of_another_digest_is_refused(
    fake: Fake, opened: Opened, ref: str, said: str
) -> None:
    answer = Answer(200, RAW, {"Docker-Content-Digest": said})
    sentence = manifest_error(fake, opened, answer, ref)
    assert f"its digest is {DIGEST}, not sha256:0000" in sentence


def test_a_manifest_can_be_pinned_by_sha512(fake: Fake, opened: Opened) -> None:
    digest = f"sha512:{hashlib.sha512(RAW).hexdigest()}"
    fake.answers[f"/v2/a/manifests/{digest}"] = MANIFEST
    assert opened(f"{fake.host}/a").manifest(digest).digest == digest


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(200, b"<!doctype html>", {"Content-Type": "text/html"}), "a web page"),
        (Answer(200, b"hello"), "it sends something else as"),
        (Answer(200, b""), "it sends something else as"),
        (Answer(200, RAW, {"Content-Encoding": "gzip"}), "a manifest compressed"),
        (Answer(200, b"{", {"Content-Length": "104857600"}), "more than 4096 KiB"),
        (Answer(200, endless()), "sends more than 4096 KiB as a manifest"),
        (Answer(200, RAW, {"Content-Length": "30"}), "the connection broke"),
        (Answer(500, b"<html>"), "says 500 Internal Server Error"),
        (Answer(404, b"no"), " has no a:1 (404 Not Found"),
        (Answer(302, b"", {"Location": "file:///etc/passwd"}), "not an http or https"),
        (Answer(302, b"", {"Location": TAG}), "redirects too many times"),
    ],
)
def test_what_is_not_a_manifest_is_refused_in_one_sentence(
    fake: Fake, opened: Opened, answer: Answer, says: str
) -> None:
    sentence = manifest_error(fake, opened, answer)
    assert says in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "headers",
    [
        {"Location": "http://[::1"},
        {"Location": "http://a b/"},
        {"Location": "http://127.0.0.1:99999/"},
        {"Location": "http://127.0.0.1:x/"},
        {"Location": "http:///x"},
        {"Location": "//"},
        {"Location": "http://" + "a" * 300 + ".invalid/"},
        {"Location": "http://\xe9\x80/\x01"},
        {"Location": "gopher://127.0.0.1/"},
        {"Location": "javascript:alert(1)"},
        {"WWW-Authenticate": 'Bearer realm="http://[::1"'},
        {"WWW-Authenticate": 'Bearer realm="https://127.0.0.1:99999/"'},
        {"WWW-Authenticate": 'Bearer realm="http://127.0.0.1:x/",scope="\xff"'},
        {"WWW-Authenticate": 'Bearer realm="http://127.0.0.1:1/\x01"'},
        {"WWW-Authenticate": 'Bearer realm="//127.0.0.1/"'},
        {"WWW-Authenticate": 'Bearer realm="HTTP://a@127.0.0.1:1/?x=%ff&y"'},
        {"WWW-Authenticate": "Bearer " + "a" * 60_000},
        {"WWW-Authenticate": "x=" * 30_000},
        {"Retry-After": "9" * 5000},
        {"Retry-After": "Mon, 99 Foo 2026 00:00:00 GMT"},
        {"Retry-After": "-1"},
        {"Retry-After": f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT"},
        {"Content-Length": "9" * 5000},
        {"Content-Length": "-5"},
        {"Content-Length": "1e9"},
        {"Transfer-Encoding": "nonsense"},
        {"Content-Type": "\xff\x00"},
        {"Docker-Content-Digest": "sha256:" + "g" * 64},
        {"X": "a" * 70_000},
    ],
)
@pytest.mark.parametrize("status", [200, 301, 307, 401, 429])
def test_headers_that_are_nonsense_are_an_error_or_nothing(
    fake: Fake, opened: Opened, headers: dict[str, str], status: int
) -> None:
    fake.answers[TAG] = Answer(status, RAW, headers)
    with suppress(PlashError):
        assert opened(f"{fake.host}/a").manifest("1").raw == RAW


def test_what_a_registry_says_of_an_error_is_shown_and_harmless(
    fake: Fake, opened: Opened
) -> None:
    error = {"code": "DENIED", "message": "\x1b[31mno\n way", "detail": {"x": "y"}}
    body = json.dumps({"errors": [error, {"code": "B"}, {"code": "C"}]}).encode()
    sentence = manifest_error(fake, opened, Answer(418, body))
    assert sentence.endswith("says 418 I'm a Teapot, DENIED: \\x1b[31mno way; B: None")
    body = json.dumps({"errors": [{"code": "A", "message": "x" * 10_000}]}).encode()
    assert len(manifest_error(fake, opened, Answer(418, body))) < 400
    for body in (b"[]", b'{"errors": 1}', b'{"errors": [1]}', b"[" * 30_000):
        assert manifest_error(fake, opened, Answer(418, body)).endswith("Teapot")


def test_a_busy_registry_is_asked_again_when_it_wants(
    fake: Fake, opened: Opened, waits: list[float]
) -> None:
    later = Answer(429, b"", {"Retry-After": "7"})
    fake.answers[TAG] = [later, Answer(503), Answer(500), MANIFEST]
    assert opened(f"{fake.host}/a").manifest("1").raw == RAW
    assert waits == [7.0, WAITS[1], WAITS[2]]


def test_a_registry_that_stays_busy_is_given_up(
    fake: Fake, opened: Opened, waits: list[float]
) -> None:
    assert "says 503" in manifest_error(fake, opened, Answer(503))
    assert waits == list(WAITS)
    waits.clear()
    error = {"errors": [{"code": "TOOMANYREQUESTS", "message": "your rate limit"}]}
    answer = Answer(429, json.dumps(error).encode(), {"Retry-After": "3600"})
    said = manifest_error(fake, opened, answer)
    assert "TOOMANYREQUESTS: your rate limit" in said
    assert said.endswith(". Try again in 3600 s")
    assert waits == [], "an hour is not waited"


def test_a_registry_whose_header_does_not_end_is_given_up(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SILENCE", 0.1)
    going = True

    def send() -> None:
        client, _address = server.accept()
        with client, suppress(OSError):
            while going:
                client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=send)
        thread.start()
        name = f"127.0.0.1:{server.getsockname()[1]}/a"
        with pytest.raises(PlashError, match="the server does not answer"):
            opened(name).manifest("1")
        going = False
        thread.join()


def test_a_registry_that_hangs_is_given_up(
    fake: Fake, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SILENCE", 0.1)
    hold = threading.Event()

    def slowly() -> Iterator[bytes]:
        while not hold.wait(0.03):
            yield b" "

    try:
        answer = Answer(200, RAW, {"Content-Length": "30"}, hold)
        assert "does not answer" in manifest_error(fake, opened, answer)
        sentence = manifest_error(fake, opened, Answer(200, slowly()))
        assert "sends a manifest too slowly" in sentence
        fake.answers[PLACE] = Answer(
            200, BYTES[:99], {"Content-Length": "102400"}, hold
        )
        with opened(f"{fake.host}/a").blob(BLOB, len(BYTES)) as blob:
            assert blob.read() == BYTES[:99]
            with pytest.raises(CutOff, match="the server does not answer"):
                blob.read()
    finally:
        hold.set()


@pytest.mark.parametrize("where", ["answer", "manifest", "pause", "blob"])
def test_a_cancel_ends_all_waiting(fake: Fake, opened: Opened, where: str) -> None:
    hold, cancel = threading.Event(), Cancel()

    def silent(_question: Question) -> Answer:
        hold.wait(60)
        return Answer()

    answers: dict[str, Answer | Answering] = {
        "answer": silent,
        "manifest": Answer(200, RAW, {"Content-Length": "30"}, hold),
        "pause": Answer(503, b"", {"Retry-After": "50"}),
        "blob": MANIFEST,
    }
    fake.answers[TAG] = answers[where]
    fake.answers[PLACE] = Answer(200, b"", {"Content-Length": "102400"}, hold)

    def stop() -> None:
        wait_for(lambda: fake.of(PLACE if where == "blob" else TAG), "the question")
        cancel.set()

    thread = threading.Thread(target=stop)
    thread.start()
    registry = opened(f"{fake.host}/a", cancel=cancel, wait=None)
    try:
        with pytest.raises(Cancelled):  # noqa: PT012 - by one of these calls
            registry.manifest("1")
            with registry.blob(BLOB, len(BYTES)) as blob:
                blob.read()
    finally:
        hold.set()
        thread.join()


def test_a_mirror_is_asked_first_and_the_registry_if_it_fails(
    fake: Fake, opened: Opened
) -> None:
    with serving(Fake({"/v2/": Answer()})) as mirror:
        config = Config(
            registries={fake.host: Setting(("127.0.0.1:1", f"{mirror.host}/of/x"))}
        )
        fake.answers = {TAG: MANIFEST, PLACE: ranged, **fake.answers}
        registry = opened(f"{fake.host}/a", config)
        assert registry.manifest("1").source == fake.host
        assert [told.partition(": ")[0] for told in registry.told] == [
            "the mirror 127.0.0.1:1 was passed over",
            f"the mirror {mirror.host} was passed over",
        ]
        mirror.answers["/v2/of/x/a/manifests/1"] = MANIFEST
        assert registry.manifest("1").source == mirror.host
        with registry.blob(BLOB, len(BYTES)) as blob:
            assert blob.source == fake.host
        mirror.answers[f"/v2/of/x/a/blobs/{BLOB}"] = ranged
        with registry.blob(BLOB, len(BYTES)) as blob:
            assert blob.source == mirror.host
        assert len(registry.told) == 3


def test_tags_come_by_the_page(fake: Fake, opened: Opened) -> None:
    def page(tags: object, link: str = "") -> Answer:
        return Answer(200, json.dumps({"tags": tags}).encode(), {"Link": link})

    first = "/v2/a/tags/list"
    registry = opened(f"{fake.host}/a")
    fake.answers[first] = page(["1", "2"], '</v2/a/tags/list?last=2>; rel="next"')
    fake.answers[f"{first}?last=2"] = page(["3", "\x1b[2J", 5, "1"])
    assert registry.tags() == ["1", "2", "3"]
    fake.answers[first] = page(None)
    assert registry.tags() == []
    for link, says in (
        ("http://127.0.0.1:1/x", "continues its list of tags at another place"),
        ("/v2/b/tags/list", "continues its list of tags at another place"),
        ("http://[::1", "leads to an invalid address"),
    ):
        fake.answers[first] = page(["1"], f'<{link}>; rel="next"')
        with pytest.raises(PlashError, match=says):
            registry.tags()
    fake.answers[first] = Answer(200, b"<html>")
    with pytest.raises(PlashError, match="is not JSON but a web page"):
        registry.tags()
    fake.answers[first] = Answer(404)
    with pytest.raises(NotFound, match="has no list of tags of 127"):
        registry.tags()
