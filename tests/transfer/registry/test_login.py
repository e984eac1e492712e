"""A login is kept only if a registry has accepted it, and as docker finds it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.transfer.registry import endpoint
from plashui.transfer.registry.credentials import HUB_KEY
from plashui.transfer.registry.errors import Unauthorized
from plashui.transfer.registry.login import known_hosts, log_in, log_out
from tests.transfer.registry.fake import Answer, Answering, Fake, Question

BASIC = Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})


def after_login(answer: Answer) -> Answering:
    """A registry that wants a login, and what it answers then."""

    def answering(question: Question) -> Answer:
        return answer if question.headers["Authorization"] else BASIC

    return answering


@pytest.mark.parametrize(
    ("answer", "says", "refused"),
    [
        (Answer(404), "it says 404", False),
        (Answer(403), "it says 403", False),
        (Answer(200, b"<!doctype html>"), "does not answer like a registry", False),
        (after_login(BASIC), "refuses this login .401", True),
        (after_login(Answer(403)), "refuses this login .403", True),
        (after_login(Answer(418)), "it says 418", False),
        (Answer(401), "it offers no way to log in", True),
        (
            Answer(401, b"", {"WWW-Authenticate": "Negotiate"}),
            "it offers no way to log in",
            True,
        ),
    ],
)
def test_what_is_not_accepted_is_not_kept(
    fake: Fake, auth_file: Path, answer: Answer | Answering, says: str, refused: bool
) -> None:
    fake.answers["/v2/"] = answer
    with pytest.raises(PlashError, match=says) as caught:
        log_in(fake.host, "ada", "secret", Config())
    assert isinstance(caught.value, Unauthorized) == refused
    assert not auth_file.exists()


def test_an_anonymous_token_does_not_stand_for_a_login(
    fake: Fake, auth_file: Path
) -> None:
    def registry(question: Question) -> Answer:
        if question.headers["Authorization"]:
            return Answer(200, b"{}")
        realm = f'Bearer realm="{fake.url("/token")}"'
        return Answer(401, b"", {"WWW-Authenticate": realm})

    def tokens(question: Question) -> Answer:
        if question.headers["Authorization"]:
            return Answer(401)
        return Answer(200, b'{"token": "t"}')

    fake.answers |= {"/v2/": registry, "/token": tokens}
    with pytest.raises(Unauthorized, match="refuses this login"):
        log_in(fake.host, "ada", "wrong", Config())
    assert not auth_file.exists()
    fake.answers["/token"] = Answer(200, b'{"token": "t"}')
    assert log_in(fake.host, "ada", "right", Config()) == (
        fake.host,
        str(auth_file),
        "",
    )


def test_docker_finds_its_own_registry_under_its_own_name(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "_HUB_SERVER", fake.host)
    monkeypatch.delenv("REGISTRY_AUTH_FILE")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    fake.answers["/v2/"] = after_login(Answer(200, b"{}"))
    kept = log_in("https://index.docker.io/v1/", "ada", "secret", Config())
    file = tmp_path / "docker/config.json"
    assert kept == ("docker.io", str(file), "")
    words = base64.b64encode(b"ada:secret").decode()
    assert json.loads(file.read_text()) == {"auths": {HUB_KEY: {"auth": words}}}
    assert known_hosts() == ["docker.io"]
    assert log_out("docker.io") == [str(file)]
    assert known_hosts() == []
    podman = tmp_path / "run/containers/auth.json"
    podman.parent.mkdir(parents=True)
    podman.write_text('{"auths": {"docker.io": {"auth": ""}}}')
    assert log_in("docker.io", "ada", "secret", Config()).place == str(podman)
    assert json.loads(podman.read_text()) == {"auths": {"docker.io": {"auth": words}}}


def test_a_file_that_cannot_be_written_is_told(fake: Fake, auth_file: Path) -> None:
    fake.answers["/v2/"] = Answer(200, b"{}")
    auth_file.write_text('{"auths": []}')
    with pytest.raises(PlashError, match="its auths are not a table"):
        log_in(fake.host, "ada", "secret", Config())
    auth_file.unlink()
    auth_file.symlink_to("/proc/none/auth.json")
    with pytest.raises(PlashError, match=r"cannot write /proc/none/auth.json: No"):
        log_in(fake.host, "ada", "secret", Config())
