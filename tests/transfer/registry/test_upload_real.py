"""What is pushed to Debian's docker-registry is there, by the byte."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import threading
import tracemalloc
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.transfer.registry.client import MANIFESTS, Registry
from plashui.transfer.registry.errors import NotFound, Unauthorized
from plashui.transfer.registry.reference import parse
from plashui.transfer.registry.upload import Uploads
from plashui.transfer.registry.upload_session import CHUNK
from plashui.transfer.registry.upload_writer import (
    InChunks,
    InOneRequest,
    Write,
    Writer,
)
from tests.registries import PASSWORD, USER, Registries
from tests.transfer.registry.conftest import Login

Asked = list[tuple[str, list[str], str]]
LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"


def digest_of(data: bytes) -> str:
    """The digest of bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def uploads(name: str) -> Uploads:
    """The repository of a name."""
    return Uploads(parse(name), Config())


def fresh(path: str) -> str:
    """A name below a path that no other test has."""
    return f"{path}/{uuid.uuid4().hex[:12]}"


def read_back(name: str, digest: str, size: int) -> bytes:
    """A blob, fetched as a pull does."""
    with (
        Registry(parse(name), Config()) as registry,
        registry.blob(digest, size) as blob,
    ):
        return b"".join(iter(blob.read, b""))


def in_pieces(data: bytes, piece: int) -> Iterator[bytes]:
    """These bytes, in pieces."""
    return (data[at : at + piece] for at in range(0, len(data), piece))


BYTES = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(300_000))
"""More than two chunks, which no gap or repetition leaves alike."""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, len(BYTES)])
@pytest.mark.parametrize("piece", [70_001, 1 << 30])
@pytest.mark.parametrize("way", [InChunks, InOneRequest])
def test_a_blob_arrives_as_it_was_written(
    registries: Registries, size: int, piece: int, way: type[Writer]
) -> None:
    data = BYTES[:size]
    name = fresh(f"{registries.plain}/push")
    reports: list[int] = []

    def make(write: Write) -> None:
        for one in in_pieces(data, piece):
            write(one)

    with uploads(name) as repository:
        assert repository.size_of(digest_of(data)) is None
        repository._way = way
        sent = repository.blob(make, "a layer", reports.append)
        assert sent == (digest_of(data), size)
        assert repository.size_of(sent.digest) == size
        assert repository.told == []
    assert reports == sorted(reports)
    assert reports[-1] == size
    assert read_back(name, *sent) == data


def push_image(name: str, layer: bytes) -> str:
    """Push an image of one layer; return the digest of its manifest."""
    reference = parse(name)
    with Uploads(reference, Config()) as repository:
        config = {"architecture": "amd64", "os": "linux", "config": {}}
        config["rootfs"] = {"type": "layers", "diff_ids": [digest_of(layer)]}
        parts = [
            (CONFIG, repository.blob_of(json.dumps(config).encode())),
            (LAYER, repository.blob(lambda write: write(layer))),
        ]
        described = [
            {"mediaType": kind, "digest": sent.digest, "size": sent.size}
            for kind, sent in parts
        ]
        manifest = {"schemaVersion": 2, "mediaType": MANIFESTS[1]}
        manifest |= {"config": described[0], "layers": described[1:]}
        raw = json.dumps(manifest).encode()
        assert repository.digest_of(reference.tag) is None
        digest = repository.manifest(reference.tag, raw, MANIFESTS[1])
        assert repository.digest_of(reference.tag) == digest == digest_of(raw)
        assert repository.manifest(digest, raw, MANIFESTS[1]) == digest
    return digest


def test_skopeo_reads_what_was_pushed(registries: Registries, tmp_path: Path) -> None:
    name = f"{fresh(f'{registries.plain}/push')}:1"
    digest = push_image(name, BYTES[:10_240])
    words = ["skopeo", "--insecure-policy", "copy", "--src-tls-verify=false"]
    words += ["--preserve-digests", f"docker://{name}", f"dir:{tmp_path}/image"]
    subprocess.run(words, check=True, capture_output=True)
    raw = (tmp_path / "image" / "manifest.json").read_bytes()
    assert digest_of(raw) == digest


def test_a_blob_of_another_repository_is_mounted(registries: Registries) -> None:
    source = fresh("push")
    with uploads(f"{registries.plain}/{source}") as repository:
        sent = repository.blob_of(b"a blob to mount")
    name = fresh(f"{registries.plain}/push")
    with uploads(name) as repository:
        assert not repository.mount(digest_of(b"not there"), source)
        assert not repository.mount(sent.digest, "push/not-there")
        assert repository.size_of(sent.digest) is None
        assert repository.mount(sent.digest, source)
        assert repository.size_of(sent.digest) == sent.size
    path = name.partition("/")[2]
    root = registries.directory / "storage" / "docker" / "registry" / "v2"
    left = root / "repositories" / path / "_uploads"
    assert not list(left.glob("*/startedat")), "an upload is left open"


def test_a_password_is_sent_where_one_is_wanted(
    registries: Registries, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(registries.authority))
    name = fresh(f"{registries.safe}/push")
    with (
        uploads(name) as repository,
        pytest.raises(Unauthorized, match="wants a login") as caught,
    ):
        repository.blob_of(b"x")
    assert str(caught.value).endswith(f"To log in: plash login {registries.safe}")
    login(registries.safe, USER, "wrong")
    with (
        uploads(name) as repository,
        pytest.raises(Unauthorized, match="does not let the login of 'ada'") as caught,
    ):
        repository.blob_of(b"x")
    assert "wrong" not in str(caught.value)
    login(registries.safe, USER, PASSWORD)
    push_image(f"{name}:1", BYTES)


@pytest.fixture
def asked(registries: Registries) -> Iterator[Asked]:
    """What the token server is asked in this test."""
    registries.token_server.asked.clear()
    yield registries.token_server.asked
    registries.token_server.lifetime = 300


def test_one_token_is_enough_to_push(
    registries: Registries, login: Login, asked: Asked
) -> None:
    login(registries.tokens, USER, PASSWORD)
    name = fresh(f"{registries.tokens}/private")
    push_image(f"{name}:1", BYTES)
    path = name.partition("/")[2]
    assert asked == [("GET", [f"repository:{path}:pull,push"], USER)]


def test_a_token_that_is_not_taken_any_more_is_renewed(
    registries: Registries, login: Login, asked: Asked
) -> None:
    """The registry answers before it has read all of the piece."""
    login(registries.tokens, USER, PASSWORD)
    name = fresh(f"{registries.tokens}/private")
    turns: list[Write] = []

    with uploads(name) as repository:
        kept = repository._at.authorization._kept

        def make(write: Write) -> None:
            turns.append(write)
            write(BYTES[:CHUNK])
            if len(turns) == 1:
                for scope in kept:
                    kept[scope] = ("Bearer nonsense", float("inf"))
            write(BYTES[CHUNK:])

        sent = repository.blob(make)
    assert read_back(name, *sent) == BYTES
    assert len(turns) == 1
    assert len(asked) == 3, "one of them to read it back"


def test_a_mount_asks_for_both_repositories(
    registries: Registries, login: Login, asked: Asked
) -> None:
    login(registries.tokens, USER, PASSWORD)
    source, target = fresh("private"), fresh("private")
    with uploads(f"{registries.tokens}/{source}") as repository:
        sent = repository.blob_of(b"a private blob")
    with uploads(f"{registries.tokens}/{target}") as repository:
        assert repository.mount(sent.digest, source)
    scopes = [f"repository:{target}:pull,push", f"repository:{source}:pull"]
    assert asked[-1] == ("GET", scopes, USER)


def test_who_may_only_read_is_told(registries: Registries, login: Login) -> None:
    name = fresh(f"{registries.tokens}/public")
    with uploads(name) as repository:
        with pytest.raises(Unauthorized) as caught:
            repository.blob_of(b"x")
        assert f"cannot push the configuration of {name}: " in str(caught.value)
        assert f"{registries.tokens} wants a login for that" in str(caught.value)
    login(registries.tokens, USER, "old")
    with (
        uploads(name) as repository,
        pytest.raises(Unauthorized, match="does not let the login of 'ada'"),
    ):
        repository.manifest("1", b"{}", MANIFESTS[1])


def test_a_manifest_whose_blobs_are_missing_is_refused(registries: Registries) -> None:
    name = fresh(f"{registries.plain}/push")
    blob = {"mediaType": CONFIG, "digest": digest_of(b"none"), "size": 4}
    manifest = {"schemaVersion": 2, "mediaType": MANIFESTS[1]}
    manifest |= {"config": blob, "layers": []}
    with uploads(name) as repository:
        with pytest.raises(PlashError) as caught:
            repository.manifest("1", json.dumps(manifest).encode(), MANIFESTS[1])
        assert "does not have all blobs of it (" in str(caught.value)
        assert "only what is missing is sent" in str(caught.value)
        assert repository.digest_of("1") is None
    with pytest.raises(NotFound), Registry(parse(name), Config()) as registry:
        registry.manifest("1")


@pytest.mark.parametrize("way", [InChunks, InOneRequest])
def test_a_large_blob_needs_little_memory(
    registries: Registries, way: type[Writer]
) -> None:
    size = 200 << 20
    piece = BYTES[: 1 << 18]

    def make(write: Write) -> None:
        for number in range(size >> 18):
            write(piece[8:] + number.to_bytes(8, "big"))

    tracemalloc.start()
    try:
        with uploads(fresh(f"{registries.plain}/push")) as repository:
            repository._way = way
            assert repository.blob(make).size == size
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 << 20


def test_threads_push_side_by_side(
    registries: Registries, login: Login, asked: Asked
) -> None:
    login(registries.tokens, USER, PASSWORD)
    blobs = [BYTES[at:] for at in range(6)]
    name = fresh(f"{registries.tokens}/private")
    with uploads(name) as repository, ThreadPoolExecutor(6) as pool:
        found = pool.map(lambda data: repository.blob(lambda write: write(data)), blobs)
        for data, sent in zip(blobs, found, strict=True):
            assert sent == (digest_of(data), len(data))
            assert read_back(name, *sent) == data
    assert len(asked) <= len(blobs) + len(blobs)


@pytest.mark.parametrize("after", [300_000, 3 * CHUNK // 2])
def test_a_connection_that_breaks_on_the_way_is_survived(
    registries: Registries, after: int
) -> None:
    """Docker's registry loses an upload of which more has arrived than it has said."""
    with cutting(registries.plain, after) as host:
        path = fresh("push")
        with Uploads(
            parse(f"{host}/{path}"), Config(), wait=lambda _seconds: None
        ) as repository:
            sent = repository.blob(lambda write: write(BYTES))
        assert sent == (digest_of(BYTES), len(BYTES))
    assert read_back(f"{registries.plain}/{path}", *sent) == BYTES


@contextmanager
def cutting(target: str, after: int) -> Iterator[str]:
    """A way to a server that breaks once, when so many bytes have gone there."""
    host, port = target.split(":")
    left = [after]

    def carry(source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
                if counted and breaks(len(data)):
                    break
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def breaks(count: int) -> bool:
        before, left[0] = left[0], left[0] - count
        return before > 0 >= left[0]

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _address = server.accept()
                there = socket.create_connection((host, int(port)))
                opened.extend((client, there))
                for ends in ((client, there, True), (there, client, False)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    opened: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    for one in opened:
        one.close()
    assert left[0] <= 0, "it did not break"
