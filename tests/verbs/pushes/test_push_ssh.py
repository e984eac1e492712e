"""Images go by ssh into podman, docker, containerd or plash of another machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests import containerd, sshd
from tests.conftest import cannot
from tests.people import Person
from tests.sshd import Sshd
from tests.tools import children_of, is_alive, leftovers, wait_for
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import look_into

pytestmark = pytest.mark.in_turn

LAYER: Final = re.compile(r"layer (\d+) of (\d+), .*: sent to")
FAKE: Final = """#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >>{place}/calls
case "$*" in
*pull*)
    cp "$3" {place}/login; ls -l "$3" >{place}/mode; echo $$ >{place}/new
    mv {place}/new {place}/pid
    {pull} ;;
esac
"""
"""A podman that notes what it is asked; `pull` is what it does when it pulls."""


@pytest.fixture
def far(playground: Path, person: Person) -> Path:
    """The other machine's places: `home`, `tmp`, `bin`, and `sshd` of its server."""
    if not sshd.is_installed():
        cannot("openssh-server and openssh-client are not installed")
    place = playground / "far"
    places = [place / name for name in ("", "home", "tmp", "bin", "sshd")]
    person.run(["mkdir", *places], check=True)
    return place


There = Callable[..., AbstractContextManager[Sshd]]


@pytest.fixture
def there(far: Path, person: Person) -> There:
    """Run the other machine's sshd during a block; it may be given more environment.

    Its programs are those of `bin`, and with `whole` those of this machine.
    """

    @contextmanager
    def run(
        *settings: str, whole: bool = True, **environment: str | Path
    ) -> Iterator[Sshd]:
        path = str(far / "bin")
        if whole:
            path += f":{person.environment()['PATH']}"
        else:
            for name in ("sh", "cat", "mktemp", "mkdir", "rm"):
                (far / "bin" / name).symlink_to(str(shutil.which(name)))
        found = {
            "PATH": path,
            "HOME": far / "home",
            "TMPDIR": far / "tmp",
            "PLASH_DATA": far / "store",
            **environment,
        }
        named = {key: str(word) for key, word in found.items()}
        with sshd.running(far / "sshd", person, named, *settings) as server:
            yield server
            wait_for(lambda: not server.sessions(), "the connections to end")
            assert os.listdir(far / "tmp") == []

    return run


@pytest.fixture
def push(person: Person, store: Path) -> Run:
    """Run `plashui push…` with the ssh that knows the other machine."""

    def run(
        server: Sshd, *words: str, client: str = ""
    ) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(store), "PLASH_SSH": client or server.client}
        return person.run([person.bin / "plashui", *words], env=env)

    return run


def fake(far: Path, person: Person, pull: str = "exit 0", name: str = "podman") -> None:
    """Put an engine there that only notes what it is asked."""
    program = far / "bin" / name
    program.write_text(FAKE.format(place=far, pull=pull))
    program.chmod(0o755)
    person.give(program)


def calls(far: Path) -> list[str]:
    """What the engines there were asked."""
    file = far / "calls"
    return file.read_text().splitlines() if file.exists() else []


def sent(said: str) -> list[tuple[str, str]]:
    """The layers that travelled, each with its number and of how many."""
    return LAYER.findall(said)


@pytest.fixture
def web(plashui: Run, image: str) -> str:
    """An image `team/web:1` of two layers that every engine takes."""
    change = "rm -r /usr/share; echo x >/etc/own; chmod 0700 /var/lib; ln -s own /etc/l"
    return built(plashui, image, change)


def built(plashui: Run, base: str, change: str) -> str:
    done = plashui("build", base, "sh", "-c", change)
    assert done.returncode == 0, done.stderr
    assert plashui("map", "--force", "team/web:1", done.stdout.strip()).returncode == 0
    return done.stdout.strip()


def pushed_twice(
    server: Sshd, engine: str, push: Run, plashui: Run, web: str
) -> tuple[str, str]:
    """Push `team/web:1`, and once more with another layer; the ids of both."""
    address = f"ssh://{server.place}/{engine}"
    done = push(server, "push", "team/web:1", address)
    assert (done.returncode, done.stdout) == (0, "team/web:1\n"), done.stderr
    assert f"push:ssh team/web:1 {address}" in done.stderr
    assert sorted(sent(done.stderr)) == [("1", "2"), ("2", "2")]
    again = push(server, "push:ssh", web, address)
    assert (again.returncode, sent(again.stderr)) == (0, []), again.stderr
    assert "2 layers, all there already" in again.stderr
    top = built(plashui, web, "echo more >/etc/more; rm /etc/own")
    done = push(server, "push:ssh", top, address)
    assert (done.returncode, sent(done.stderr)) == (0, [("3", "3")]), done.stderr
    assert "1 of 3 layers sent, " in done.stderr
    return web, top


def test_plash_there_gets_the_same_image_and_only_layers_that_it_lacks(
    person: Person,
    store: Path,
    there: There,
    far: Path,
    push: Run,
    plashui: Run,
    web: str,
) -> None:
    with there() as server:
        _web, top = pushed_twice(server, "plash", push, plashui, web)
    assert os.listdir(far / "store/map") == ["team%web:1"]
    assert leftovers(store) == leftovers(far / "store") == []
    found = look_into(person, far / "store", "team/web:1")
    before = look_into(person, store, top)
    found["."]["time"] = before["."]["time"]
    assert found == before


def test_a_name_without_a_tag_has_none_in_another_store(
    there: There, far: Path, push: Run, plashui: Run, image: str
) -> None:
    plashui("map", "dev", image)
    with there() as server:
        done = push(server, "push:ssh", "dev", f"ssh://{server.place}/plash")
    assert (done.returncode, done.stdout) == (0, "dev\n"), done.stderr
    assert os.listdir(far / "store/map") == ["dev"]


@pytest.fixture
def elsewhere(person: Person, store: Path) -> Run:
    """Run `plashui WORDS…` on another store, which is not the other machine's."""

    def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        more = {"PLASH_DATA": str(store.with_name("second")), **env}
        return person.run([person.bin / "plashui", *words], env=more)

    return run


def same(
    person: Person, store: Path, top: str, got: subprocess.CompletedProcess[str]
) -> None:
    """What was pulled into the second store has the same files."""
    assert got.returncode == 0, got.stderr
    found = look_into(person, store.with_name("second"), got.stdout.strip())
    before = look_into(person, store, top)
    found["."]["time"] = before["."]["time"]
    assert found == before


def only_root(person: Person) -> None:
    if person.map != "root":
        pytest.skip("only root starts these engines")


@pytest.mark.in_turn(False)
def test_docker_there_gets_the_same_image(
    person: Person,
    store: Path,
    there: There,
    push: Run,
    plashui: Run,
    web: str,
    elsewhere: Run,
    dockerd_socket: Path,
) -> None:
    only_root(person)
    host = f"unix://{dockerd_socket}"

    def docker(*words: str) -> str:
        line = ["docker", "-H", host, *words]
        return subprocess.run(line, capture_output=True, check=True).stdout.decode()

    before = set(docker("images", "--format", "{{.Repository}}:{{.Tag}}").split())
    with there(DOCKER_HOST=host) as server:
        _web, top = pushed_twice(server, "docker", push, plashui, web)
    names = set(docker("images", "--format", "{{.Repository}}:{{.Tag}}").split())
    assert {"team/web:1"} <= names - before <= {"team/web:1", "<none>:<none>"}
    digests = docker("images", "--digests", "--format", "{{.Repository}}@{{.Digest}}")
    assert "127.0.0.1" not in digests
    got = elsewhere("pull:docker", "team/web:1", DOCKER_HOST=host)
    docker("image", "rm", "team/web:1")
    docker("image", "prune", "--force")
    same(person, store, top, got)


@pytest.mark.in_turn(False)
def test_podman_there_gets_the_same_image(
    person: Person,
    store: Path,
    there: There,
    far: Path,
    push: Run,
    plashui: Run,
    web: str,
    elsewhere: Run,
) -> None:
    only_root(person)
    if not shutil.which("podman"):
        cannot("podman is not installed")
    conf = far / "storage.conf"
    conf.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{far}/graph"\nrunroot = "{far}/run"\n'
    )
    env = {"CONTAINERS_STORAGE_CONF": str(conf)}
    with there(**env) as server:
        _web, top = pushed_twice(server, "", push, plashui, web)

    def podman(*words: str) -> str:
        known = {**os.environ, **env}
        done = subprocess.run(["podman", *words], env=known, capture_output=True)
        return done.stdout.decode()

    names = podman("images", "--all", "--format", "{{.Repository}}:{{.Tag}}").split()
    assert set(names) == {"docker.io/team/web:1", "<none>:<none>"}
    got = elsewhere("pull:podman", "docker.io/team/web:1", **env)
    podman("system", "prune", "--all", "--force")
    same(person, store, top, got)


@pytest.mark.in_turn(False)
def test_containerd_there_gets_the_same_image(
    person: Person,
    store: Path,
    there: There,
    far: Path,
    push: Run,
    plashui: Run,
    web: str,
    elsewhere: Run,
    base: Path,
) -> None:
    only_root(person)
    if not shutil.which("containerd") or not shutil.which("ctr"):
        cannot("containerd is not installed")
    archive = far / "out.tar"
    with containerd.running(base / "ssh-ctr") as env:
        with there(**env) as server:
            _web, top = pushed_twice(server, "ctr", push, plashui, web)
        known = {**os.environ, **env}

        def ctr(*words: str) -> str:
            line = ["ctr", "images", *words]
            done = subprocess.run(line, env=known, capture_output=True, check=True)
            return done.stdout.decode()

        assert ctr("ls", "-q").split() == ["docker.io/team/web:1"]
        ctr("export", str(archive), "docker.io/team/web:1")
    same(person, store, top, elsewhere("pull:file", archive))


def test_without_an_engine_the_first_that_answers_is_taken(
    person: Person, there: There, far: Path, push: Run, plashui: Run, image: str
) -> None:
    plashui("map", "web", image)
    with there(whole=False) as server:
        address = f"ssh://{server.place}"
        none = push(server, "push", "web", address)
        assert (none.returncode, none.stdout) == (1, "")
        assert "none of podman, docker, ctr, plash is installed there" in none.stderr
        one = push(server, "push", "web", f"{address}/ctr")
        place = server.place.rpartition(":")[0]
        assert f"cannot push to {place}: ctr is not installed there" in one.stderr
        for name in ("docker", "ctr"):
            fake(far, person, "exit 0", name)
            program = far / "bin" / name
            program.write_text(program.read_text().replace("case", "exit 1; case"))
        silent = push(server, "push", "web", f"{address}/")
        assert f"docker at {place} pulls web:latest" in silent.stderr
        (far / "bin/plash").symlink_to(person.bin / "plash")
        done = push(server, "push", "web", f"{address}/")
        assert done.returncode == 0, done.stderr
        fake(far, person)
        done = push(server, "push", "web", f"{address}/")
        assert done.returncode == 0, done.stderr
        assert f"podman at {place} pulls" in done.stderr
    assert f"rmi {calls(far)[-1].split()[1]}" == calls(far)[-1]


def test_the_image_is_called_there_what_it_is_called_here_or_what_is_asked(
    person: Person, there: There, far: Path, push: Run, plashui: Run, image: str
) -> None:
    fake(far, person)
    with there() as server:
        address = f"ssh://{server.place}/podman"

        def name(*words: str) -> str:
            done = push(server, "push:ssh", *words, address)
            return calls(far)[-2].split()[-1] if done.returncode == 0 else done.stderr

        assert "has no name that it could have there" in name(image)
        plashui("map", "Not a Name", image)
        assert "has no name that it could have there" in name("Not a Name")
        assert name("--name", "web", image) == "docker.io/library/web:latest"
        plashui("map", "registry.example.org/team/web:1", image)
        assert name(image) == "registry.example.org/team/web:1"
        plashui("map", "a:2", image)
        assert name(image) == "docker.io/library/a:2"
        found = name("registry.example.org/team/web:1")
        assert found == "registry.example.org/team/web:1"
        assert "is not the name of an image" in name("--name", "A B", image)
        assert "it has no tag" in name("--name", f"web@sha256:{'0' * 64}", image)


def test_what_goes_wrong_is_said_in_words(
    person: Person, there: There, far: Path, push: Run, plashui: Run, image: str
) -> None:
    plashui("map", "web", image)
    fake(far, person, "echo 'Error: the disk \033[1mis full' >&2; exit 5")
    port = sshd.free_port()
    with there() as server:

        def error(place: str, client: str = "") -> str:
            done = push(server, "push", "web", f"ssh://{place}/podman", client=client)
            assert (done.returncode, done.stdout) == (1, ""), done.stderr
            assert done.stderr.count("plash error: ") == 1
            return done.stderr.rpartition("plash error: ")[2]

        said = error(server.place)
        place = server.place.rpartition(":")[0]
        assert said.startswith(f"cannot push to {place}: podman there failed: Error: ")
        assert "\x1b" not in said
        said = error(f"127.0.0.1:{port}")
        assert "cannot push to 127.0.0.1: ssh: connect to host" in said
        assert "Connection refused" in said
        said = error(f"nobody-of-that-name@{server.place.partition('@')[2]}")
        assert "Permission denied" in said
        said = error(server.place, "no-such-ssh")
        assert "cannot start no-such-ssh: No such file or directory. Install" in said
        assert "PLASH_SSH is not a command" in error(server.place, "ssh '")
    for setting in ("AllowTcpForwarding no", "PermitListen none"):
        with there(setting) as server:
            said = error(server.place)
            assert "its ssh server allows no tunnel (AllowTcpForwarding)" in said
            assert "plash push:file --name web:latest 1 - | ssh" in said
    with there("ForceCommand echo this is for mail only >&2; exit 3") as server:
        said = error(server.place)
        assert "ssh ended with status 3: this is for mail only" in said


def test_a_cut_connection_is_an_error_and_ends_what_runs_there(
    person: Person, store: Path, there: There, far: Path, plashui: Run, image: str
) -> None:
    plashui("map", "web", image)
    fake(far, person, "exec sleep 600")
    with there() as server, pushing(person, store, server, far) as push:
        for pid in server.sessions():
            os.kill(pid, signal.SIGKILL)
        _out, said = push.communicate(timeout=60)
        assert push.returncode == 1
        assert b"the connection was cut off. The next push sends what" in said
        gone(far)


@contextmanager
def pushing(
    person: Person, store: Path, server: Sshd, far: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A push of `web` that waits for the engine there."""
    env = {"PLASH_DATA": str(store), "PLASH_SSH": server.client}
    words = [person.bin / "plashui", "push:ssh", "web", f"ssh://{server.place}/podman"]
    started = person.start(
        words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with started as push:
        try:
            wait_for((far / "pid").exists, "the engine to pull")
            yield push
        finally:
            push.kill()


def gone(far: Path) -> None:
    """Wait until the engine there has ended and been told to forget the image."""
    pid = int((far / "pid").read_text())
    wait_for(lambda: not is_alive(pid), "the engine's end")
    wait_for(lambda: calls(far)[-1].startswith("rmi "), "the name to be removed")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("whom", ["us", "ssh"])
def test_ended_anyhow_it_leaves_nothing_running_and_no_name(
    person: Person,
    store: Path,
    there: There,
    far: Path,
    plashui: Run,
    image: str,
    how: signal.Signals,
    whom: str,
) -> None:
    plashui("map", "web", image)
    fake(far, person, "exec sleep 600")
    with there() as server, pushing(person, store, server, far) as push:
        ssh = [pid for pid in children_of(push.pid) if name_of(pid) == "ssh"]
        assert len(ssh) == 1
        os.kill(push.pid if whom == "us" else ssh[0], how)
        push.wait(60)
        assert push.returncode == (-how if whom == "us" else 1)
        gone(far)
        wait_for(lambda: not is_alive(ssh[0]), "the end of ssh")
    assert [call.split()[0] for call in calls(far)] == ["pull", "rmi"]
    assert leftovers(store) == []


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_nobody_else_there_can_pull(
    person: Person, store: Path, there: There, far: Path, plashui: Run, image: str
) -> None:
    plashui("map", "web", image)
    plashui("map", "secret", plashui("build", image, "touch", "/x").stdout.strip())
    fake(far, person, "exec sleep 600")
    with there() as server, pushing(person, store, server, far):
        at = calls(far)[-1].split()[-1].partition("/")[0]

        def ask(path: str, *words: str) -> str:
            line = ["curl", "-sS", "--head", *words, f"http://{at}/v2/{path}"]
            done = subprocess.run(line, capture_output=True, text=True, check=True)
            return done.stdout.splitlines()[0]

        login = json.loads((far / "login").read_text())["auths"][at]["auth"]
        known = ("-H", f"Authorization: Basic {login}")
        assert (far / "mode").read_text().startswith("-rw------- ")
        for process in psutil.process_iter(["cmdline"]):
            assert login not in " ".join(process.info["cmdline"] or ())
        path = "web/manifests/latest"
        assert "401" in ask(path)
        assert "200" in ask(path, *known)
        assert "404" in ask("secret/manifests/latest", *known)
        assert "404" in ask("library/secret/tags/list", *known)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "ssh://",
            "ssh:///docker",
            "ssh://-oProxyCommand=x/",
            "ssh://a b/",
            "ssh://a;b/",
        ),
        *("ssh://-l@host/", "ssh://`x`@host/", "ssh://host:0/", "ssh://host:99999/"),
        *(
            "ssh://host:x/",
            "ssh://a:secret@host/",
            "ssh://host/rkt",
            "ssh://h/docker/x",
        ),
        *("ssh://host/x.oci.tar", "ssh://$(x)/", "ssh://host'/", "ssh://[::1/"),
    ],
)
def test_what_is_not_an_address_is_refused_before_ssh_is_asked(
    anybody: Person, address: str
) -> None:
    env = {"PLASH_DATA": str(anybody.home / "no-store"), "PLASH_SSH": "false"}
    done = anybody.run([anybody.bin / "plashui", "push", "1", address], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "false" not in done.stderr
    assert "secret" not in done.stderr.rpartition("plash error: ")[2]
