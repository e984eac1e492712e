"""Whom a registry may send us to, with which encryption and by which proxy."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.settings.config import Registry as Setting
from plashui.transfer.registry.errors import Unauthorized
from tests.registries import Registries
from tests.transfer.registry.conftest import Login, Opened
from tests.transfer.registry.fake import Answer, Fake, Question, serving
from tests.transfer.registry.shared import MANIFEST, RAW, TAG

BASIC = Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})


@pytest.fixture
def other() -> Iterator[Fake]:
    """Another server, where a registry keeps its blobs."""
    with serving(Fake({"/there": MANIFEST})) as running:
        yield running


@pytest.fixture
def safe(registries: Registries, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A fake registry with a certificate that is trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(registries.authority, registries.directory / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(registries.authority))
    with serving(Fake({"/v2/": Answer()}, secure=context)) as running:
        yield running


def with_password(question: Question) -> Answer:
    """What a registry that wants a password answers."""
    return MANIFEST if question.headers["Authorization"] else BASIC


def test_a_redirect_never_carries_the_password_along(
    fake: Fake, other: Fake, opened: Opened, login: Login
) -> None:
    login(fake.host, "ada", "secret")
    there = Answer(307, b"", {"Location": other.url("/there")})
    fake.answers[TAG] = [BASIC, there]
    assert opened(f"{fake.host}/a").manifest("1").raw == RAW
    assert fake.of(TAG)[-1].headers["Authorization"] == "Basic YWRhOnNlY3JldA=="
    assert other.asked[0].headers["Authorization"] is None


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_elsewhere_is_not_called_a_problem_of_the_login(
    fake: Fake, other: Fake, opened: Opened, login: Login, status: int
) -> None:
    login(fake.host, "ada", "secret")
    other.answers["/there"] = Answer(status)
    fake.answers[TAG] = Answer(307, b"", {"Location": other.url("/there?sig=geheim")})
    with pytest.raises(PlashError) as caught:
        opened(f"{fake.host}/a").manifest("1")
    assert not isinstance(caught.value, Unauthorized)
    assert f"{other.host}, which stores it for {fake.host}, says" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert len(other.asked) == 1


def test_encryption_is_not_given_up_on_the_way(
    safe: Fake, other: Fake, opened: Opened
) -> None:
    safe.answers[TAG] = Answer(302, b"", {"Location": other.url("/there")})
    with pytest.raises(PlashError) as caught:
        opened(f"{safe.host}/a").manifest("1")
    assert str(caught.value) == (
        f"{safe.host} redirects to {other.host} without encryption."
        f" `--insecure {other.host}` allows it"
    )
    assert not other.asked
    found = opened(f"{safe.host}/a", insecure=[other.host]).manifest("1")
    assert found.raw == RAW


def test_a_password_is_not_sent_to_a_token_server_without_encryption(
    safe: Fake, other: Fake, opened: Opened, login: Login
) -> None:
    login(safe.host, "ada", "secret")
    for realm in (other.url("/token"), "file:///etc/passwd", "http://[", ""):
        challenge = f'Bearer realm="{realm}",service="x"'
        safe.answers[TAG] = Answer(401, b"", {"WWW-Authenticate": challenge})
        with pytest.raises(PlashError, match="names a token server that is not https"):
            opened(f"{safe.host}/a").manifest("1")
    assert not other.asked


def test_only_a_named_host_may_do_without_encryption(
    fake: Fake, opened: Opened, monkeypatch: pytest.MonkeyPatch, login: Login
) -> None:
    """The fake is asked as the proxy for a host that is not of this machine."""
    monkeypatch.setenv("http_proxy", f"http://{fake.host}")
    monkeypatch.setenv("https_proxy", f"http://{fake.host}")
    login("registry.invalid", "ada", "secret")
    fake.answers[TAG] = with_password
    name = "registry.invalid/a"
    with pytest.raises(PlashError, match=r"cannot reach registry.invalid: the proxy"):
        opened(name).manifest("1")
    assert not fake.asked
    assert opened(name, insecure=["registry.invalid"]).manifest("1").raw == RAW
    config = Config(registries={"registry.invalid": Setting(insecure=True)})
    assert opened(name, config).manifest("1").raw == RAW
    with pytest.raises(PlashError, match=r"cannot reach registry.invalid"):
        opened(name, insecure=["registry.invalid:5000"]).manifest("1")


def test_a_server_here_that_leads_to_https_is_not_asked_without(
    safe: Fake, fake: Fake, opened: Opened
) -> None:
    fake.answers["/v2/"] = Answer(301, b"", {"Location": safe.url("/v2/")})
    with pytest.raises(PlashError, match="no encrypted connection"):
        opened(f"{fake.host}/a").manifest("1")
    assert not fake.of(TAG)


def test_this_machine_is_not_asked_for_by_a_proxy(
    fake: Fake, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    fake.answers[TAG] = MANIFEST
    assert opened(f"{fake.host}/a").manifest("1").raw == RAW


def test_a_host_that_is_not_there_is_told(opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(PlashError, match=rf"cannot reach 127.0.0.1:{port}: Connection"):
        opened(f"127.0.0.1:{port}/a").manifest("1")
    with pytest.raises(PlashError, match=r"cannot reach no.such.invalid: unknown host"):
        opened("no.such.invalid/a").manifest("1")


def test_certificates_that_cannot_be_read_are_told(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(PlashError, match=r"none.pem. REQUESTS_CA_BUNDLE names them"):
        opened("registry.invalid/a").manifest("1")
    (tmp_path / "none.pem").write_text("not one\n")
    with pytest.raises(PlashError, match=r"none.pem. REQUESTS_CA_BUNDLE names them"):
        opened("registry.invalid/a").manifest("1")


def test_who_is_not_trusted_hears_which_certificates_are(
    safe: Fake, opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def said() -> str:
        with pytest.raises(PlashError, match="cannot be trusted") as caught:
            opened(f"{safe.host}/a").manifest("1")
        return caught.value.remedy

    monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path}/none")
    names = f"SSL_CERT_FILE names the certificates to trust: {tmp_path}/none"
    assert said() == f"{names}, which cannot be read"
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    names = "REQUESTS_CA_BUNDLE names the certificates to trust"
    assert said() == f"{names}: {tmp_path}"
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert said() == "SSL_CERT_FILE can name a file with certificates to trust"
