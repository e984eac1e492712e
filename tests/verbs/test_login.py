"""login and logout: what podman and docker read is written, and nothing else."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import cannot
from tests.people import Person
from tests.registries import PASSWORD, USER, Registries

pytestmark = pytest.mark.in_turn

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

HELPER = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
case $1 in
store) cat > kept ;;
get) cat > asked; cat kept 2>/dev/null || { echo credentials not found; exit 1; } ;;
erase) cat > erased; rm kept ;;
esac
"""


@pytest.fixture
def home(playground: Path, person: Person) -> Path:
    """A home without a login, with a place for programs."""
    home = playground / "home"
    person.run(["mkdir", "-p", home / "bin", home / "run"], check=True)
    return home


@pytest.fixture
def plashui(person: Person, home: Path, registries: Registries) -> Run:
    """Run `plashui WORDS…` with that home, trusting the registries' certificate."""

    def run(*words: str | Path, **options: Any) -> Done:
        program = options.pop("program", "plashui")
        path = f"{home}/bin:{person.environment()['PATH']}"
        env = {
            **{"HOME": str(home), "XDG_RUNTIME_DIR": f"{home}/run", "PATH": path},
            "SSL_CERT_FILE": str(registries.authority),
            **options.pop("env", {}),
        }
        return person.run([person.bin / program, *words], env=env, **options)

    return run


def log_in(plashui: Run, host: str, password: str = PASSWORD, **options: Any) -> Done:
    """Log in with a password on standard input."""
    words = ("login", "-u", USER, "--password-stdin", host)
    return plashui(*words, input=f"{password}\n", **options)


def read(file: Path) -> Any:
    """The content of a file of logins, which nobody else can read."""
    assert file.stat().st_mode & 0o777 == 0o600
    return json.loads(file.read_text())


@pytest.mark.parametrize("kind", ["safe", "tokens"])
def test_a_login_is_tried_and_kept_where_podman_and_docker_read_it(
    plashui: Run, home: Path, registries: Registries, person: Person, kind: str
) -> None:
    host = getattr(registries, kind)
    file = home / ".docker/config.json"
    wrong = log_in(plashui, host, "wrong")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith(f"plash error: {host} refuses this login (401")
    assert "wrong" not in wrong.stderr
    assert not file.exists()
    done = log_in(plashui, host, program="plash")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"logged in at {host} as {USER}; kept in {file}\n"
    assert list(read(file)["auths"]) == [host]
    assert file.parent.stat().st_mode & 0o777 == 0o700
    # Others find it there.
    registries.put_files("private/login", {"x": "x"})
    words = ["skopeo", "inspect", "--raw", f"docker://{host}/private/login"]
    env = {"HOME": str(home), "XDG_RUNTIME_DIR": f"{home}/run"}
    env["SSL_CERT_FILE"] = str(registries.authority)
    plain = ["--tls-verify=false"] if kind == "tokens" else []
    seen = person.run([*words, *plain], env=env)
    assert '"schemaVersion"' in seen.stdout, seen.stderr
    done = plashui("logout", host)
    assert done.stderr == f"the login for {host} is gone from {file}\n"
    assert read(file) == {"auths": {}}
    again = plashui("logout", host)
    assert again.returncode == 1
    assert again.stderr == f"plash error: there is no login for {host}\n"


def test_what_else_is_in_the_file_stays(
    plashui: Run, home: Path, registries: Registries, person: Person
) -> None:
    host = registries.safe
    first = home / "run/containers/auth.json"
    real = home / "dotfiles.json"
    before = {
        "auths": {"other.io": {"auth": "eDp5"}, host: {"auth": "b2xkOm9sZA=="}},
        "credHelpers": {"é.io": "x"},
        "HttpHeaders": {"A": [1, None]},
    }
    person.run(["mkdir", first.parent], check=True)
    person.run(["tee", real], input=json.dumps(before), check=True)
    person.run(["ln", "-s", real, first], check=True)
    done = log_in(plashui, host)
    assert f"kept in {first}" in done.stderr, done.stderr
    assert first.is_symlink()
    after = read(real)
    assert list(after) == list(before)
    assert after["HttpHeaders"] == before["HttpHeaders"]
    assert after["credHelpers"] == before["credHelpers"]
    assert after["auths"]["other.io"] == {"auth": "eDp5"}
    assert after["auths"][host] != {"auth": "b2xkOm9sZA=="}
    assert not (home / ".docker").exists()
    plashui("logout", host)
    assert list(read(real)["auths"]) == ["other.io"]
    # A file that is damaged is left as it is.
    person.run(["tee", real], input="{", check=True)
    for done in (log_in(plashui, host), plashui("logout", host)):
        assert done.returncode == 1
        assert "it is not JSON" in done.stderr
    assert real.read_text() == "{"


def test_a_chosen_file_and_a_path_are_keys_of_their_own(
    plashui: Run, home: Path, registries: Registries
) -> None:
    env = {"REGISTRY_AUTH_FILE": f"{home}/mine.json"}
    host = registries.safe
    for key in (f"{host}/team", host):
        assert log_in(plashui, key, env=env).returncode == 0
    assert list(read(home / "mine.json")["auths"]) == [f"{host}/team", host]
    assert plashui("logout", host, env=env).returncode == 0
    assert list(read(home / "mine.json")["auths"]) == [f"{host}/team"]


def test_logins_at_the_same_time_are_all_kept(
    home: Path, registries: Registries, person: Person
) -> None:
    env = {"REGISTRY_AUTH_FILE": f"{home}/mine.json"}
    words = [person.bin / "plashui", "login", "-u", USER, "--password-stdin"]
    keys = [f"{registries.plain}/{name}" for name in ("a", "b", "c", "d")]
    running = [
        person.start([*words, key], env=env, stdin=subprocess.PIPE) for key in keys
    ]
    for process in running:
        process.communicate(PASSWORD.encode(), 60)
        assert process.returncode == 0
    assert sorted(read(home / "mine.json")["auths"]) == keys
    assert sorted(os.listdir(home)) == ["bin", "mine.json", "run"]


@pytest.mark.parametrize("way", ["credHelpers", "credsStore"])
def test_a_helper_keeps_the_login_in_place_of_the_file(
    plashui: Run, home: Path, registries: Registries, person: Person, way: str
) -> None:
    host = registries.safe
    program = home / "bin/docker-credential-box"
    person.run(["tee", program], input=HELPER, check=True)
    person.run(["chmod", "755", program], check=True)
    file = home / ".docker/config.json"
    person.run(["mkdir", file.parent], check=True)
    named = {host: "box"} if way == "credHelpers" else "box"
    content = {"auths": {host: {"auth": "b2xkOm9sZA=="}}, way: named}
    person.run(["tee", file], input=json.dumps(content), check=True)
    done = log_in(plashui, host)
    assert "kept in docker-credential-box" in done.stderr, done.stderr
    kept = json.loads((home / "bin/kept").read_text())
    assert kept == {"ServerURL": host, "Username": USER, "Secret": PASSWORD}
    assert read(file) == {"auths": {}, way: named}, "an older password is not kept"
    done = plashui("logout", host)
    assert done.stderr == f"the login for {host} is gone from docker-credential-box\n"
    assert (home / "bin/erased").read_text() == host
    assert plashui("logout", host).returncode == 1


def test_a_registry_without_logins_says_so(
    plashui: Run, home: Path, registries: Registries
) -> None:
    host = registries.plain
    done = log_in(plashui, host)
    assert done.stderr.splitlines() == [
        f"{host} wants no login: it was kept without a try",
        f"logged in at {host} as {USER}; kept in {home}/.docker/config.json",
    ]


def test_a_certificate_is_not_checked_where_that_is_allowed(
    plashui: Run, registries: Registries, person: Person, home: Path
) -> None:
    host, env = registries.safe, {"SSL_CERT_FILE": "/nonexistent"}
    done = log_in(plashui, host, env=env)
    assert "the server cannot be trusted" in done.stderr
    words = ("login", "--insecure", "-u", USER, "--password-stdin", host)
    assert plashui(*words, input=PASSWORD, env=env).returncode == 0
    person.run(["mkdir", "-p", home / ".config/plashui"], check=True)
    text = f'[registries."{host}"]\ninsecure = true\n'
    file = home / ".config/plashui/config.toml"
    person.run(["tee", file], input=text, check=True)
    assert log_in(plashui, host, env=env).returncode == 0


@pytest.mark.parametrize(
    ("words", "given", "says"),
    [
        (["x.io"], "", "cannot ask for the password: standard input is not a terminal"),
        (["--password-stdin", "x.io"], "", "--password-stdin wants a user"),
        (["-u", "a", "--password-stdin", "x.io"], "\n", "the password is empty"),
        (["-u", "a", "--password-stdin", "x.io"], "\udcff", "is not UTF-8"),
        (["-u", "a", "--password-stdin", "x.io"], "x" * 70000, "too long"),
        (["-u", "a:b", "--password-stdin", "x.io"], "x", "'a:b' is not a user"),
        (["-u", "a", "--password-stdin", "x y"], "x", "'x y' is not a registry"),
        (["-u", "a", "--password-stdin", "127.0.0.1:1"], "x", "Connection refused"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    plashui: Run, home: Path, words: list[str], given: str, says: str
) -> None:
    done = plashui("login", *words, input=given)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert not (home / ".docker").exists()


def test_user_and_password_are_asked_for_on_a_terminal(
    person: Person, home: Path, registries: Registries
) -> None:
    ours, theirs = pty.openpty()
    with open(ours, "r+b", buffering=0) as screen:
        process = person.start(
            ["setsid", "--ctty", person.bin / "plashui", "login", registries.tokens],
            env={"HOME": str(home), "XDG_RUNTIME_DIR": f"{home}/run"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        for prompt, typed in ((b"User: ", USER), (b"Password: ", PASSWORD)):
            while prompt not in shown:
                shown += screen.read(1024)
            screen.write(f"{typed}\n".encode())
        while b"kept in" not in shown:
            shown += screen.read(1024)
        assert process.wait(60) == 0
    assert b"logged in at" in shown
    assert PASSWORD.encode() not in shown


def test_podman_finds_the_login(
    plashui: Run, home: Path, registries: Registries, person: Person
) -> None:
    if not shutil.which("podman"):
        cannot("podman is not installed")
    log_in(plashui, registries.safe)
    env = {"HOME": str(home), "XDG_RUNTIME_DIR": f"{home}/run"}
    words = ["podman", "login", "--get-login", registries.safe]
    assert person.run(words, env=env).stdout == f"{USER}\n"


def test_a_login_of_podman_is_forgotten(
    plashui: Run, home: Path, registries: Registries, person: Person
) -> None:
    if not shutil.which("podman"):
        cannot("podman is not installed")
    env = {"HOME": str(home), "XDG_RUNTIME_DIR": f"{home}/run"}
    env["SSL_CERT_FILE"] = str(registries.authority)
    words = ["podman", "login", "-u", USER, "--password-stdin", registries.safe]
    done = person.run(words, env=env, input=PASSWORD)
    assert done.returncode == 0, done.stderr
    done = plashui("logout", registries.safe)
    assert f"gone from {home}/run/containers/auth.json" in done.stderr
    words = ["podman", "login", "--get-login", registries.safe]
    assert person.run(words, env=env).returncode != 0


def test_what_was_passed_over_is_said_before_the_error(
    plashui: Run, home: Path, registries: Registries, person: Person
) -> None:
    """Else nobody would know why a login is not found, or a mirror of no use."""
    file = home / ".docker/config.json"
    person.run(["mkdir", "-p", file.parent, home / ".config/plashui"], check=True)
    person.run(["tee", file], input='{"credsStore": "gone"}', check=True)
    settings = f'[registries."{registries.tokens}"]\nmirrors = ["127.0.0.1:1"]\n'
    at = home / ".config/plashui/config.toml"
    person.run(["tee", at], input=settings, check=True)
    name = f"{registries.tokens}/private/passed-over"
    env = {"PLASH_DATA": f"{home}/store"}
    for words in (["pull:oci", name], ["show", "--remote", name]):
        done = plashui(*words, env=env)
        mirror, helper, error = done.stderr.splitlines()
        assert mirror.startswith("the mirror 127.0.0.1:1 was passed over: cannot reach")
        assert helper.startswith("cannot run docker-credential-gone: No such file")
        assert error.startswith("plash error: cannot fetch")
        assert done.returncode == 1


def test_hosts_are_completed(plashui: Run, registries: Registries) -> None:
    log_in(plashui, registries.tokens)
    lines = plashui("completion", "--words", "logout", "").stdout.splitlines()
    assert lines == ["", f"{registries.tokens}\tlogged in", "docker.io\t"]
