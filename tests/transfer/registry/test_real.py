"""What is fetched from Debian's docker-registry is what skopeo put there."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.transfer.registry.client import Registry
from plashui.transfer.registry.errors import NotFound, Unauthorized
from plashui.transfer.registry.reference import parse
from tests.registries import PASSWORD, USER, Registries
from tests.transfer.registry.conftest import Login, Opened

Asked = list[tuple[str, list[str], str]]


@pytest.fixture(scope="module")
def images(registries: Registries) -> Registries:
    """The registries, with small images, two public and two private."""
    for name in ("public/small", "private/small"):
        registries.put_files(f"{name}:1", {"etc/one": "one\n" * 1000})
        registries.put_files(f"{name}:2", {"etc/one": "1"}, {"etc/two": "2"})
    return registries


def whole(name: str) -> dict[str, Any]:
    """Fetch manifest, config and layers of an image, each checked; its config."""
    reference = parse(name)
    with Registry(reference, Config()) as registry:
        manifest = registry.manifest(reference.wanted())
        assert manifest.media_type == "application/vnd.oci.image.manifest.v1+json"
        assert registry.manifest(manifest.digest).raw == manifest.raw
        about = json.loads(manifest.raw)
        found = b""
        for one in [*about["layers"], about["config"]]:
            with registry.blob(one["digest"], one["size"]) as blob:
                found = b"".join(iter(blob.read, b""))
            assert f"sha256:{hashlib.sha256(found).hexdigest()}" == one["digest"]
            start = one["size"] // 2
            with registry.blob(one["digest"], one["size"], start) as blob:
                assert b"".join(iter(blob.read, b"")) == found[start:]
    config: dict[str, Any] = json.loads(found)
    return config


def test_an_image_comes_whole_without_encryption_from_this_machine(
    images: Registries,
) -> None:
    assert len(whole(f"{images.plain}/public/small:1")["rootfs"]["diff_ids"]) == 1
    assert len(whole(f"{images.plain}/public/small:2")["rootfs"]["diff_ids"]) == 2


def test_tags_are_listed_and_what_is_not_there_is_said(
    images: Registries, opened: Opened
) -> None:
    registry = opened(f"{images.plain}/public/small")
    assert sorted(registry.tags()) == ["1", "2"]
    with pytest.raises(NotFound) as caught:
        registry.manifest("3")
    assert str(caught.value) == (
        f"{images.plain} has no public/small:3 (404 Not Found,"
        " MANIFEST_UNKNOWN: manifest unknown)"
    )
    with pytest.raises(NotFound, match="BLOB_UNKNOWN: blob unknown"):
        registry.blob(f"sha256:{'0' * 64}", 1)
    with pytest.raises(NotFound, match="NAME_UNKNOWN: repository name not known"):
        opened(f"{images.plain}/no/such").tags()


def test_a_password_is_sent_where_one_is_wanted_over_tls(
    images: Registries,
    opened: Opened,
    login: Login,
    auth_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = f"{images.safe}/private/small:1"
    with pytest.raises(PlashError) as caught:
        opened(name).manifest("1")
    assert "the server cannot be trusted: self-signed certificate" in str(caught.value)
    monkeypatch.setenv("SSL_CERT_FILE", str(images.authority))
    with pytest.raises(Unauthorized) as caught:
        opened(name).manifest("1")
    assert f"{images.safe} wants a login" in str(caught.value)
    assert str(caught.value).endswith(f"To log in: plash login {images.safe}")
    login(images.safe, USER, PASSWORD)
    whole(name)
    registry = opened(name)
    registry.manifest("1")
    assert registry.told == [
        f"{images.safe}: the login of 'ada' from {auth_file} is used"
    ]
    login(images.safe, USER, "wrong")
    with pytest.raises(Unauthorized) as caught:
        opened(name).manifest("1")
    assert "refuses the login of 'ada'" in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_login_of_skopeo_is_used(
    images: Registries, opened: Opened, auth_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(images.authority))
    words = ["skopeo", "login", "--authfile", str(auth_file), "--password-stdin"]
    words += ["--username", USER, images.safe]
    subprocess.run(words, input=PASSWORD, text=True, check=True, capture_output=True)
    assert opened(f"{images.safe}/private/small:1").manifest("1").raw


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_environment_says_whose_certificates_are_good(
    images: Registries, login: Login, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv(variable, str(images.authority))
    login(f"{images.safe}/private", USER, PASSWORD)
    whole(f"{images.safe}/private/small:1")


def test_a_host_named_insecure_needs_no_known_certificate(
    images: Registries, opened: Opened, login: Login
) -> None:
    login(images.safe, USER, PASSWORD)
    name = f"{images.safe}/private/small:1"
    assert opened(name, insecure=[images.safe]).manifest("1").raw


@pytest.fixture
def asked(images: Registries) -> Iterator[Asked]:
    """What the token server is asked in this test."""
    images.token_server.asked.clear()
    yield images.token_server.asked
    images.token_server.lifetime = 300


def test_a_token_is_had_once_for_all_that_is_fetched(
    images: Registries, asked: Asked
) -> None:
    whole(f"{images.tokens}/public/small:2")
    assert asked == [("GET", ["repository:public/small:pull"], "")]


def test_a_private_image_wants_a_login_and_takes_an_identity_token(
    images: Registries, opened: Opened, login: Login, auth_file: Path, asked: Asked
) -> None:
    name = f"{images.tokens}/private/small:1"
    with pytest.raises(Unauthorized, match="wants a login"):
        opened(name).manifest("1")
    login(images.tokens, USER, PASSWORD)
    whole(name)
    assert asked[-1] == ("GET", ["repository:private/small:pull"], USER)
    identity = {"auths": {images.tokens: {"identitytoken": "refresh-me"}}}
    auth_file.write_text(json.dumps(identity))
    whole(name)
    assert asked[-1] == ("POST", ["repository:private/small:pull"], USER)


def test_a_stale_login_does_not_keep_a_public_image_away(
    images: Registries, opened: Opened, login: Login, auth_file: Path, asked: Asked
) -> None:
    login(images.tokens, USER, "old")
    registry = opened(f"{images.tokens}/public/small:1")
    assert registry.manifest("1").raw
    assert registry.told == [
        f"{images.tokens} refused the login of 'ada' from {auth_file};"
        " it was asked without"
    ]
    assert [who for _method, _scopes, who in asked] == [USER, ""]
    with pytest.raises(Unauthorized, match="refuses the login of 'ada'"):
        opened(f"{images.tokens}/private/small:1").manifest("1")


def test_a_token_that_the_registry_does_not_accept_is_not_asked_for_without_end(
    images: Registries, opened: Opened, asked: Asked
) -> None:
    images.token_server.lifetime = -600  # it has expired on arrival
    with pytest.raises(Unauthorized, match="401"):
        opened(f"{images.tokens}/public/small:1").manifest("1")
    assert len(asked) == 1
