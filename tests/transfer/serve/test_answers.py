"""What is asked for, and what is answered, as the specification has it."""

from __future__ import annotations

import hashlib

import pytest

from plashui.model.config_changes import Changes
from plashui.operations.set_config import set_config
from plashui.store.new_name import NewName
from plashui.store.store import Store
from plashui.transfer.serve import answers
from plashui.transfer.serve.answers import Asked
from tests.transfer.serve.conftest import serving

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("path", "means"),
    [
        ("/v2/", Asked("")),
        ("/v2", Asked("")),
        ("/v2/_catalog", Asked("catalog")),
        ("/v2/a/tags/list", Asked("tags", "a")),
        ("/v2/a/b/manifests/1.0", Asked("manifests", "a/b", "1.0")),
        ("/v2/tags/manifests/list", Asked("manifests", "tags", "list")),
        (f"/v2/a/blobs/{DIGEST}", Asked("blobs", "a", DIGEST)),
        (f"/v2/a/blobs/{DIGEST.replace(':', '%3A')}", Asked("blobs", "a", DIGEST)),
        ("/v2/a/blobs/../../etc", None),
        ("/v2/a/manifests/..", None),
        ("/v2/a/manifests/%2e%2e", None),
        ("/v1/a/manifests/1", None),
        ("/v2/manifests/1", None),
        ("", None),
    ],
)
def test_a_path_is_what_the_specification_says_or_nothing(
    path: str, means: Asked | None
) -> None:
    assert answers.asked(path) == means


@pytest.mark.parametrize(
    ("header", "means"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=2-", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=8-99", (8, 10)),
        ("bytes=10-", (10, 10)),
        ("bytes=-0", (10, 10)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("pages=1-2", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_range_is_a_part_or_all(
    header: str | None, means: tuple[int, int] | None
) -> None:
    assert answers.part(header, 10) == means


def test_lists_come_in_pages() -> None:
    path = "/v2/_catalog"
    first = answers.page(path, "n=2", "names", ["c", "a", "b"])
    assert first.body == b'{"names": ["a", "b"]}'
    assert first.headers["Link"] == '</v2/_catalog?n=2&last=b>; rel="next"'
    last = answers.page(path, "n=2&last=b", "names", ["c", "a", "b"])
    assert (last.body, dict(last.headers)) == (b'{"names": ["c"]}', {})
    assert answers.page(path, "n=x", "names", []).status == 400


def test_images_are_served_by_their_names_without_a_host(store: Store) -> None:
    with serving(store) as served:
        found = served.ask("/v2/_catalog").json()
        assert found == {"repositories": ["other", "team/big"]}
        assert served.ask("/v2/team/big/tags/list").json()["tags"] == ["1"]
        raw = served.ask("/v2/team/big/manifests/1")
        assert raw.headers["docker-content-digest"] == (
            f"sha256:{hashlib.sha256(raw.body).hexdigest()}"
        )
        again = f"/v2/team/big/manifests/{raw.headers['docker-content-digest']}"
        assert served.ask(again).body == raw.body
        head = served.ask("/v2/library/other/manifests/latest", "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert int(head.headers["content-length"]) > 100
        for blob in (raw.json()["config"], *raw.json()["layers"]):
            got = served.ask(f"/v2/team/big/blobs/{blob['digest']}")
            digest = f"sha256:{hashlib.sha256(got.body).hexdigest()}"
            assert (digest, len(got.body)) == (blob["digest"], blob["size"])
        assert "team/big: layer 1 of 1, 4.2 MB: sent to a client at 127.0.0.1" in (
            served.told
        )


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_part_of_a_blob_is_the_part_of_the_whole(
    store: Store, compression: str
) -> None:
    with serving(store, compression=compression) as served:
        digest = served.layers()[0]["digest"]
        place = f"/v2/team/big/blobs/{digest}"
        whole = served.ask(place).body
        assert f"sha256:{hashlib.sha256(whole).hexdigest()}" == digest
        size = len(whole)
        for words, start, end in (
            ("0-0", 0, 1),
            (f"{size - 1}-", size - 1, size),
            ("11-13", 11, 14),
            (f"{size // 2}-", size // 2, size),
        ):
            got = served.ask(place, Range=f"bytes={words}")
            assert (got.status, got.body) == (206, whole[start:end]), words
            told = got.headers["content-range"]
            assert told == f"bytes {start}-{end - 1}/{size}"
        beyond = served.ask(place, Range=f"bytes={size}-")
        assert (beyond.status, beyond.headers["content-range"]) == (
            416,
            f"bytes */{size}",
        )
        head = served.ask(place, "HEAD", Range="bytes=0-0")
        assert (head.status, head.headers["content-length"]) == (200, str(size))


def test_what_is_not_there_is_told_in_json(store: Store) -> None:
    with serving(store) as served:
        for path, code in (
            ("/v2/none/manifests/latest", "MANIFEST_UNKNOWN"),
            ("/v2/team/big/manifests/2", "MANIFEST_UNKNOWN"),
            (f"/v2/team/big/manifests/{DIGEST}", "MANIFEST_UNKNOWN"),
            (f"/v2/team/big/blobs/{DIGEST}", "BLOB_UNKNOWN"),
            ("/v2/none/tags/list", "NAME_UNKNOWN"),
            ("/", "UNSUPPORTED"),
        ):
            got = served.ask(path)
            assert (got.status, got.json()["errors"][0]["code"]) == (404, code)
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            got = served.ask("/v2/team/big/blobs/uploads/", method)
            assert (got.status, got.headers["allow"]) == (405, "GET, HEAD")
            assert got.json()["errors"][0]["code"] == "UNSUPPORTED"


def test_nothing_outside_the_named_images_is_read(store: Store) -> None:
    secret = store.resolve("my secret")
    with serving(store, str(secret)) as served:
        kept = served.layers(str(secret), "latest")[0]["digest"]
        assert served.ask("/v2/_catalog").json() == {"repositories": [str(secret)]}
        assert served.ask("/v2/team/big/manifests/1").status == 404
    with serving(store) as served:
        served.layers()
        assert served.ask(f"/v2/team/big/blobs/{kept}").status == 404
        assert served.ask(f"/v2/other/blobs/{kept}").status == 404


def test_what_an_image_says_of_itself_is_told_anew(store: Store) -> None:
    base = store.resolve("team/big:1")
    image = set_config(store, base, Changes(user="eve"), name=NewName("team/big:2"))
    with serving(store) as served:
        before = served.ask("/v2/team/big/manifests/2").json()
        set_config(store, image, Changes(user="ada"), amend=True)
        after = served.ask("/v2/team/big/manifests/2").json()
        assert after["layers"] == before["layers"]
        config = served.ask(f"/v2/team/big/blobs/{after['config']['digest']}")
        assert config.json()["config"]["User"] == "ada"
        old = f"/v2/team/big/blobs/{before['config']['digest']}"
        assert served.ask(old).status == 404
