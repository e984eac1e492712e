"""Blobs come as they are from any byte on, or not at all: servers lie and break."""

from __future__ import annotations

from contextlib import suppress

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry.client import Registry
from plashui.transfer.registry.errors import CutOff
from tests.transfer.registry.conftest import Opened
from tests.transfer.registry.fake import Answer, Fake, Question
from tests.transfer.registry.shared import BLOB, BYTES, PLACE, endless, ranged


def read_all(registry: Registry, start: int = 0) -> bytes:
    """The blob from a byte on."""
    with registry.blob(BLOB, len(BYTES), start) as blob:
        return b"".join(iter(blob.read, b""))


@pytest.mark.parametrize("answer", [ranged, Answer(200, BYTES), Answer(200, [BYTES])])
def test_a_blob_comes_from_any_byte_on(
    fake: Fake, opened: Opened, answer: Answer
) -> None:
    fake.answers[PLACE] = answer
    registry = opened(f"{fake.host}/a")
    for start in (0, 1, 70_000):
        with registry.blob(BLOB, len(BYTES), start) as blob:
            assert b"".join(iter(lambda: blob.read(999), b"")) == BYTES[start:]
            assert blob.source == fake.host


def test_a_blob_is_not_decompressed_on_its_way(fake: Fake, opened: Opened) -> None:
    fake.answers[PLACE] = Answer(200, BYTES, {"Content-Encoding": "gzip"})
    assert read_all(opened(f"{fake.host}/a")) == BYTES


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(200, BYTES[:-1]), "has 102,399 bytes as blob sha256:"),
        (Answer(200, BYTES + b"x"), "has 102,401 bytes as blob sha256:"),
        (Answer(200, [BYTES, b"x"]), "sends more than the 102,400 bytes of blob"),
        (Answer(200, endless()), "sends more than the 102,400 bytes of blob"),
        (Answer(200, BYTES, {"Content-Type": "text/html"}), "a web page in place of"),
        (Answer(206, BYTES), "says 206"),
        (Answer(302, b"", {"Location": "file:///dev/zero"}), "not an http or https"),
        (Answer(416), "says 416"),
    ],
)
def test_a_blob_that_is_not_what_was_promised_is_refused(
    fake: Fake, opened: Opened, answer: Answer, says: str
) -> None:
    fake.answers[PLACE] = answer
    with pytest.raises(PlashError, match=says) as caught:
        read_all(opened(f"{fake.host}/a"))
    assert not isinstance(caught.value, CutOff)


@pytest.mark.parametrize("span", ["bytes 6-102399/102400", "bytes 5-9/10", "x", ""])
def test_another_part_than_was_asked_for_is_refused(
    fake: Fake, opened: Opened, span: str
) -> None:
    fake.answers[PLACE] = Answer(206, BYTES[5:], {"Content-Range": span})
    with pytest.raises(PlashError, match="sends another part of blob"):
        opened(f"{fake.host}/a").blob(BLOB, len(BYTES), 5)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_blob_that_is_cut_off_is_gone_on_with(
    fake: Fake, opened: Opened, chunked: bool
) -> None:
    def cut(question: Question) -> Answer:
        whole = ranged(question)
        assert isinstance(whole.body, bytes)
        if chunked:
            return whole._replace(body=[whole.body[:30_000]])
        length = {"Content-Length": str(len(whole.body))}
        return whole._replace(
            body=whole.body[:30_000], headers={**whole.headers, **length}
        )

    fake.answers[PLACE] = cut
    registry, found = opened(f"{fake.host}/a"), b""
    while len(found) < len(BYTES):
        before = len(found)
        with registry.blob(BLOB, len(BYTES), before) as blob, suppress(CutOff):
            while data := blob.read():
                found += data
        assert len(found) - before in (30_000, len(BYTES) % 30_000)
    assert found == BYTES
    assert len(fake.of(PLACE)) == 4


def test_connections_are_used_again(fake: Fake, opened: Opened) -> None:
    fake.answers[PLACE] = ranged
    registry = opened(f"{fake.host}/a")
    pools = []
    for _turn in range(3):
        read_all(registry)
        with registry.blob(BLOB, len(BYTES)) as blob:  # by one who knows the size
            left = len(BYTES)
            while left:
                left -= len(blob.read(left))
    for client in registry._exchange.connections._clients.values():
        pools += [client.pools[key] for key in client.pools.keys()]  # noqa: SIM118
    assert [pool.num_connections for pool in pools] == [1]
