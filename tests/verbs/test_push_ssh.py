"""Images go by ssh into podman, docker, containerd or plash of another machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests import sshd, trees
from tests.conftest import cannot
from tests.people import Person
from tests.registries import Registries
from tests.sshd import Sshd
from tests.tools import is_alive, leftovers, wait_for
from tests.verbs.conftest import Run
from tests.verbs.test_pull_file import look_into

LAYER: Final = re.compile(r"layer (\d+) of (\d+), .*: sent to")
FAKE: Final = """#!/bin/sh
echo "$*" >>{place}/calls
case "$*" in
*pull*)
    echo $$ >{place}/pid.new; cp "${{4:-/dev/null}}" {place}/login.new
    mv {place}/login.new {place}/login; mv {place}/pid.new {place}/pid
    {pull} ;;
esac
"""
"""An engine that notes what it is asked; `pull` is what it does when it pulls."""


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
            for name in ("sh", "cat", "mktemp", "mkdir", "rm", "cp", "mv", "sleep"):
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


def fake(far: Path, person: Person, name: str, pull: str = "exit 0") -> None:
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
