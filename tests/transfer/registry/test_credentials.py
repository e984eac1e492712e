"""Logins are found where podman and docker keep them, and it is said where."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from plashui.transfer.registry import credentials
from plashui.transfer.registry.credentials import HUB_KEY, files, find

HELPER = """#!/bin/sh
echo "$0 $1 $(cat)" >> "$0.asked"
cat "$0.answer" 2>/dev/null && exit 0
echo credentials not found in native keychain
exit 1
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, without files, and a PATH of its own."""
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return tmp_path


def entry(user: str) -> dict[str, str]:
    """An entry of `auths`."""
    return {"auth": base64.b64encode(f"{user}:secret".encode()).decode()}


def write(file: Path, **content: Any) -> None:
    """Write a file of logins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def helper(home: Path, name: str, answer: Any = None) -> Path:
    """Install a credential helper; None: it keeps nothing."""
    program = home / "bin" / f"docker-credential-{name}"
    program.parent.mkdir(exist_ok=True)
    program.write_text(HELPER)
    program.chmod(0o755)
    if answer is not None:
        Path(f"{program}.answer").write_text(json.dumps(answer))
    return program


def found(host: str = "x.io", path: str = "a/b") -> str | None:
    """The user that is found, without a remark."""
    remarks: list[str] = []
    login = find(host, path, remarks.append)
    assert remarks == []
    return login.user if login else None


def test_files_are_read_in_podmans_order(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, config, docker = files()
    assert run == home / "run/containers/auth.json"
    assert config == home / ".config/containers/auth.json"
    assert docker == home / ".docker/config.json"
    assert found() is None
    for file, user in ((docker, "docker"), (config, "config"), (run, "run")):
        write(file, auths={"x.io": entry(user)})
        assert found() == user
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert files()[0] == Path(f"/run/containers/{os.geteuid()}/auth.json")
    monkeypatch.setenv("DOCKER_CONFIG", "/d")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    assert files()[1:] == [Path("/c/containers/auth.json"), Path("/d/config.json")]
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(home / "mine"))
    assert files() == [home / "mine"]


def test_the_longest_key_that_leads_to_a_repository_counts() -> None:
    keys = ("x.io", "x.io/a", "x.io/a/b", "x.io/a/b/c", "x.io/ab", "https://y.io/v1/")
    write(files()[0], auths={key: entry(key) for key in keys})
    assert found("x.io", "a/b") == "x.io/a/b"
    assert found("x.io", "a/bc") == "x.io/a"
    assert found("x.io", "b") == "x.io"
    assert found("x.io", "") == "x.io"
    assert found("y.io", "b") == "https"  # what is before the colon
    assert found("x.io:5000", "b") is None


@pytest.mark.parametrize(
    "key", [HUB_KEY, "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/"]
)
def test_docker_hub_has_many_names(key: str) -> None:
    write(files()[2], auths={"x.io": entry("x"), key: entry("hub")})
    assert found("docker.io", "library/debian") == "hub"


def test_a_helper_is_asked_for_its_host_and_one_for_all(home: Path) -> None:
    one = helper(home, "one", {"ServerURL": "x.io", "Username": "u1", "Secret": "s"})
    rest = helper(home, "rest", {"Username": "<token>", "Secret": "identity"})
    content = {"credHelpers": {"x.io": "one"}, "credsStore": "rest"}
    write(files()[2], auths={"x.io": {}, "y.io": entry("y")}, **content)
    login = find("x.io", "a", pytest.fail)
    assert login
    assert login.user == "u1"
    assert login.name() == (
        f"the login of 'u1' from docker-credential-one ({files()[2]})"
    )
    assert Path(f"{one}.asked").read_text() == f"{one} get x.io\n"
    token = find("docker.io", "a", pytest.fail)
    assert token
    assert (token.user, token.secret, token.identity) == ("", "", "identity")
    assert Path(f"{rest}.asked").read_text() == f"{rest} get {HUB_KEY}\n"


def test_what_a_helper_does_not_know_may_be_in_the_file(home: Path) -> None:
    helper(home, "rest")
    write(files()[2], auths={"x.io": entry("file")}, credsStore="rest")
    assert found() == "file"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("nonsense", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("[" * 100_000, "it is not JSON"),
        ("x" * (5 << 20), "the file is too big"),
        ('{"auths": {"x.io": {"auth": "geheim"}}}', "for x.io in .* is damaged"),
        ('{"auths": {"x.io": {"auth": 7}}}', "for x.io in .* is damaged"),
        ('{"credsStore": "../../bin/sh"}', "is not a credential helper"),
        ('{"credsStore": "none-such"}', "cannot run docker-credential-none-such: No"),
        ('{"credHelpers": {"x.io": "bad"}}', "docker-credential-bad get: geht nicht"),
        ('{"credHelpers": {"x.io": "odd"}}', "docker-credential-odd gives no login"),
    ],
)
def test_what_is_damaged_is_passed_over_and_told(
    home: Path, content: str, says: str
) -> None:
    bad = helper(home, "bad")
    bad.write_text("#!/bin/sh\necho geht nicht >&2; exit 3\n")
    helper(home, "odd", ["geheim"])
    run, config, _docker = files()
    run.parent.mkdir(parents=True)
    run.write_text(content)
    write(config, auths={"x.io": entry("next")})
    remarks: list[str] = []
    login = find("x.io", "a", remarks.append)
    assert login
    assert login.user == "next"
    (remark,) = remarks
    assert re.search(says, remark), remark
    assert "geheim" not in remark


def test_odd_files_neither_block_nor_fail() -> None:
    run, config, docker = files()
    run.parent.mkdir(parents=True)
    os.mkfifo(run)
    write(docker, auths={"x.io": [], "y.io": {"auth": ""}, "z.io": None}, credHelpers=5)
    config.parent.mkdir(parents=True)
    config.symlink_to(docker)
    for host in ("x.io", "y.io", "z.io"):
        assert found(host) is None
    write(docker, auths={"x.io": entry("linked")})
    assert found() == "linked"
    docker.unlink()
    docker.mkdir()
    remarks: list[str] = []
    assert find("x.io", "", remarks.append) is None
    assert "Is a directory" in remarks[0]


def test_a_helper_that_hangs_is_given_up(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(home, "slow").write_text("#!/bin/sh\nexec sleep 60\n")
    write(files()[0], credsStore="slow")
    monkeypatch.setattr(credentials, "_PATIENCE", 0.1)
    remarks: list[str] = []
    assert find("x.io", "", remarks.append) is None
    assert "it does not answer" in remarks[0]
