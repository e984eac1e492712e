"""Whatever is asked, and however: nothing else is read, and the next one is served."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plashui.base.errors import PlashError
from plashui.store.oci.blob_numbers import made
from plashui.store.store import Store
from plashui.transfer.oci.outgoing import outgoing
from plashui.transfer.oci.way import Way
from plashui.transfer.serve.pulls import QUIET, Pulls
from plashui.transfer.serve.server import at_address
from plashui.transfer.serve.shelf import Shelf
from tests.tools import wait_for
from tests.transfer.serve.conftest import BIG, Served, filled, read_reply, serving

PARTS = (
    *("v2", "..", ".", "%2e%2e", "%2E%2e%2f", "%00", "%", "%zz", "\\", "//", ""),
    *("team", "big", "my secret", "my%20secret", "other", "latest", "1", "0", "2"),
    *("manifests", "blobs", "tags", "list", "_catalog", "uploads", "layer", "map"),
    *(
        "etc/passwd",
        "proc/self/environ",
        "sha256:" + "0" * 64,
        "sha256:..",
        "é",
        "a" * 300,
    ),
)
TOKEN = "it:is a token"  # noqa: S105
METHODS = ("GET", "HEAD", "POST", "PUT", "get", "CONNECT", "TRACE", "X" * 70, "", "\0")
HEADERS = (
    *("Host: localhost", "Host:", "Host: a\tb", "host localhost", "Range: bytes=0-0"),
    *("Content-Length: 5", "Content-Length: -1", "Transfer-Encoding: chunked"),
    *("Connection: keep-alive", "Connection: close", "Expect: 100-continue"),
    *("A: " + "b" * 70_000, ": x", " folded", "\0: \0", "Authorization: Basic ====="),
    *("User-Agent:", "User-Agent: \x1b[31m", "Range: bytes=" + "1," * 999),
)
VERSIONS = ("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.1 x", "", "H")

paths = st.lists(st.sampled_from(PARTS), max_size=8).map(
    lambda words: "/" + "/".join(words)
)
requests = st.builds(
    lambda method, path, version, headers: "\r\n".join(
        [f"{method} {path} {version}", *headers, "", ""]
    ).encode("latin-1"),
    st.sampled_from(METHODS),
    paths,
    st.sampled_from(VERSIONS),
    st.lists(st.sampled_from(HEADERS), max_size=4),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for all of these."""
    with serving(filled(Path(tmp_path_factory.mktemp("hostile")) / "store")) as found:
        yield found


@given(st.lists(requests | st.binary(max_size=200), min_size=1, max_size=3))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_malformed_requests_are_refused_and_the_next_one_is_answered(
    served: Served, asked: list[bytes]
) -> None:
    answer = served.raw(b"".join(asked))
    assert b"secret" not in answer.replace(b"my secret", b"")
    assert b"root:" not in answer
    assert b"Traceback" not in answer
    for status in re.findall(rb"(?m)^HTTP/1\.1 (\d+)", answer):
        assert status[:1] in b"124" or status in (b"501", b"505"), answer
    assert served.ask("/v2/").status == 200
    assert all(" by " in line or "sent to" in line for line in served.told)


@given(paths)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_path_leads_elsewhere(served: Served, path: str) -> None:
    got = served.raw(f"GET {path} HTTP/1.0\r\n\r\n".encode("latin-1"))
    reply = read_reply(got)
    if reply.status == 200:
        assert set(reply.json()) & {"repositories", "tags", "layers"} or (
            reply.body == b"{}"
        )
    else:
        assert reply.status in (400, 404, 505), got


def test_requests_in_one_go_are_answered_in_turn(served: Served) -> None:
    one = b"GET /v2/_catalog HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert served.raw(one * 3).count(b'{"repositories"') == 3
    body = b"GET /v2/ HTTP/1.1\r\nContent-Length: 99\r\n\r\n" + one
    answer = served.raw(body)
    assert answer.count(b"HTTP/1.1 200") == 1, "a body is not taken for a request"


def test_huge_heads_are_refused(served: Served) -> None:
    long = served.raw(b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n")
    assert long == b"" or read_reply(long).status == 414
    many = served.raw(b"GET /v2/ HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n")
    assert many == b"" or read_reply(many).status == 431


def test_who_asks_for_nothing_is_not_waited_for(store: Store) -> None:
    with serving(store, seconds=0.3) as served:
        silent, slow = served.connect(), served.connect()
        with silent, slow:
            slow.sendall(b"GET /v2/ HTT")
            assert silent.recv(1) == b""
            assert slow.recv(1) in (b"", b"H")
        assert served.ask("/v2/").status == 200


def test_who_takes_slowly_gets_all_and_others_do_not_wait(store: Store) -> None:
    with serving(store, seconds=0.3) as served:
        digest = served.layers()[0]["digest"]
        with served.connect() as slow:
            path = f"/v2/team/big/blobs/{digest}".encode()
            slow.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
            first = slow.recv(100)
            assert served.ask("/v2/").status == 200
            threading.Event().wait(0.6)  # longer than who asks nothing may take
            rest = b"".join(iter(lambda: slow.recv(1 << 16), b""))
            assert BIG in first + rest


def test_a_web_page_cannot_ask(served: Served) -> None:
    for host, status in (
        ("evil.example.org", 403),
        ("evil.example.org:5000", 403),
        ("127.0.0.1:1", 200),
        ("[::1]:1", 200),
        ("localhost", 200),
    ):
        raw = f"GET /v2/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        assert read_reply(served.raw(raw.encode())).status == status, host


def test_a_token_is_wanted_where_others_reach_it(store: Store) -> None:
    assert not at_address("0.0.0.0:1").private
    assert not at_address("[::]:1").private
    assert at_address("127.0.0.1:1").private
    assert at_address("localhost").private
    assert at_address("5000") == at_address(":5000") == at_address("127.0.0.1:5000")
    with serving(store, token=TOKEN) as served:
        assert served.ask("/v2/").headers["www-authenticate"] == 'Basic realm="plash"'
        for word, status in (
            (f"Bearer {TOKEN}", 200),
            (_basic(f"plash:{TOKEN}"), 200),
            ("basic Og==", 401),
            (_basic(TOKEN), 401),
            ("Basic ====", 401),
            ("Basic /w==", 401),
            ("Bearer ", 401),
            ("Bearer \xff", 401),
            (TOKEN, 401),
        ):
            for path in ("/v2/", "/v2/_catalog", "/v2/team/big/manifests/1"):
                assert served.ask(path, Authorization=word).status == status, word


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize("word", ["", "x:y", "127.0.0.1:99999", "a@127.0.0.1:1", "/x"])
def test_a_wrong_address_is_said(word: str) -> None:
    with pytest.raises(PlashError, match=r"is not an address|cannot listen"):
        at_address(word)


def test_what_cannot_be_served_is_said(store: Store) -> None:
    with pytest.raises(PlashError, match="not a name that registries have"):
        Shelf(store, Way("none"), ["my secret"])
    with pytest.raises(PlashError, match="no image or name"):
        Shelf(store, Way("none"), ["none"])


def test_an_image_that_goes_ends_in_an_error_and_not_in_half_a_blob(
    store: Store,
) -> None:
    with serving(store) as served:
        layer = served.layers()[0]
        place = Path(store.root) / store.layer(store.resolve("team/big:1"))
        with served.connect() as here:
            path = f"/v2/team/big/blobs/{layer['digest']}".encode()
            here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            here.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = here.recv(100)
            (place / "_data/root/etc/x").write_bytes(b"short")
            got += b"".join(iter(lambda: here.recv(1 << 16), b""))
        assert len(got.partition(b"\r\n\r\n")[2]) < layer["size"]
        assert any("cannot be sent" in line for line in served.told), served.told
        assert served.ask("/v2/").status == 200


def test_a_name_that_goes_is_not_served(store: Store) -> None:
    with serving(store) as served:
        digest = served.layers()[0]["digest"]
        (Path(store.root) / "map/team%big:1").unlink()
        assert served.ask(f"/v2/team/big/blobs/{digest}").status == 404
        assert served.ask("/v2/team/big/manifests/1").status == 404


def test_a_blob_that_would_be_another_is_not_sent_and_counted_anew(
    store: Store,
) -> None:
    image = store.resolve("team/big:1")
    with serving(store, compression="gzip") as served:
        right = served.layers()[0]
    # As another version of the library that compresses may make another.
    leaving = outgoing(store, image, Way("gzip"))
    known = made(store, image)[0]
    leaving.note(image, known._replace(digest="sha256:" + "1" * 64))
    with serving(store, compression="gzip") as served:
        wrong = served.layers()[0]
        assert wrong["digest"] == "sha256:" + "1" * 64
        got = served.ask(f"/v2/team/big/blobs/{wrong['digest']}")
        assert len(got.body) < wrong["size"]
        wait_for(lambda: made(store, image)[0] == known, "the count")
        assert served.layers()[0] == right


def test_an_image_was_pulled_whole_when_all_of_it_was_sent_or_nobody_asks() -> None:
    now = [0.0]
    pulls = Pulls(lambda: now[0])
    now[0] = QUIET + 1
    assert not pulls.whole()
    pulls.began("image", {"a", "b"})
    with pulls.sending("a"):
        now[0] += QUIET + 1
        assert not pulls.whole(), "it is on its way"
    now[0] += QUIET + 1
    assert not pulls.whole(), "it broke off"
    pulls.sent("a")
    assert pulls.whole(), "the other one is there already"
    now[0] -= QUIET
    assert not pulls.whole()
    pulls.sent("b")
    assert pulls.whole()
