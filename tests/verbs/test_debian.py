"""The main job on a real Debian root filesystem, device nodes and all."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests import trees
from tests.conftest import cannot, playground_in
from tests.people import Person
from tests.tools import du, images, leftovers
from tests.verbs.conftest import Run


@pytest.fixture
def debian(plashui: Run, debian_tar: Path, person: Person) -> str:
    """The id of a Debian image, imported from its tar."""
    done = plashui("pull:tarfile", debian_tar)
    assert done.returncode == 0, done.stderr
    if person.map != "root":
        assert "device nodes left out" in done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def deb(base: Path) -> Path:
    """A real package without dependencies that minbase lacks."""
    place = base / "debs"
    place.mkdir(exist_ok=True)
    place.chmod(0o777)
    done = subprocess.run(
        ["apt-get", "download", "hello"], cwd=place, capture_output=True, text=True
    )
    found = list(place.glob("hello_*.deb"))
    if not found:
        cannot(f"apt-get download failed: {done.stderr.strip()}")
    return found[0]


def test_the_main_job(
    plashui: Run,
    plash: Run,
    store: Path,
    person: Person,
    debian: str,
    deb: Path,
) -> None:
    # Inside one is root, at home, in the caller's directory, with its network.
    inside = plash("run", debian, "id", "-u")
    assert inside.stdout == "0\n", inside.stderr
    script = "echo $HOME; pwd; cat /etc/resolv.conf; ls -d /mnt/usr"
    seen = plash("run", debian, "sh", "-c", script, cwd=person.home).stdout
    resolv = Path("/etc/resolv.conf").read_text()
    assert seen == f"{person.home}\n{person.home}\n{resolv}/mnt/usr\n"
    _network_is_shared(plash, debian)

    # Directories of lower layers can be removed, made anew and moved.
    script = (
        "rm -rf /usr/share/doc && mkdir /usr/share/doc && ls -A /usr/share/doc"
        " && mv /usr/share/locale /usr/share/locale2 && mv /etc/apt /srv/apt"
        " && test ! -e /etc/apt && ls /srv/apt | head -n 1"
    )
    done = plash("run", debian, "bash", "-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    assert leftovers(store) == [], "a run's changes are thrown away"
    assert plash("run", debian, "test", "-e", "/etc/apt").returncode == 0

    # A build keeps exactly the changes.
    script = "rm -rf /usr/share/doc && mkdir /usr/share/doc && echo new > /srv/new"
    child = plashui("build", debian, "sh", "-c", script).stdout.strip()
    layer = Path(plash("nodepath", child).stdout.strip()) / "_data/root"
    kept = plash("sudo", "find", layer, "-mindepth", "1", "-printf", "%P %y\n").stdout
    hidden = plash("run", debian, "ls", "/usr/share/doc").stdout.split()
    assert sorted(kept.splitlines()) == sorted(
        [
            *("srv d", "srv/new f", "usr d", "usr/share d", "usr/share/doc d"),
            *(f"usr/share/doc/{name} c" for name in hidden),  # whiteouts
        ]
    )
    script = "ls -A /usr/share/doc; cat /srv/new"
    assert plash("run", child, "sh", "-c", script).stdout == "new\n"
    assert "Debian GNU/Linux 12" in plashui("show", child).stdout

    # A package is installed where its owners can be mapped. Of the host, a build sees
    # the working directory.
    if person.map != "single":
        package = person.home / "hello.deb"
        shutil.copy(deb, package)
        package.chmod(0o644)
        words = ["build", debian, "dpkg", "-i", "./hello.deb"]
        made = plashui(*words, cwd=person.home)
        assert made.returncode == 0, made.stderr
        package.unlink()
        said = plash("run", made.stdout.strip(), "hello").stdout
        assert said == "Hello, world!\n"

    # Removal frees what was promised, and the disk shows it.
    rows = json.loads(plashui("ls", "--json").stdout)
    promised = next(r["subtree"] for r in rows if r["id"] == int(debian))
    before = du(person, store)
    assert plashui("rm", debian).returncode == 0
    freed = before - du(person, store)
    assert 0 <= freed - promised <= 24 * 1024 * len(rows)
    assert images(store) == []


def _network_is_shared(plash: Run, image: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo hi >&3"
        assert plash("run", image, "bash", "-c", script).returncode == 0
        connection, _address = server.accept()
        with connection:
            assert connection.recv(3) == b"hi\n"


def test_a_login_shell_is_what_run_without_a_command_gives(
    person: Person, store: Path, debian: str
) -> None:
    done = person.run(
        [person.bin / "plash", "run", debian],
        env={"PLASH_DATA": str(store)},
        input="shopt -q login_shell && echo login $0; exit 7\n",
    )
    assert done.stdout == "login -bash\n"
    assert done.returncode == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make other users")
def test_owners_are_kept_where_they_can_be(
    plash: Run, person: Person, debian: str
) -> None:
    done = plash("run", debian, "stat", "-c", "%U:%G", "/etc/shadow", "/var/mail")
    expected = {
        "root": "root:shadow\nroot:mail\n",
        "full": "root:shadow\nroot:mail\n",
        "single": "root:root\nroot:root\n",
    }
    assert done.stdout == expected[person.map]


def test_all_of_it_goes_out_and_comes_in_again(
    person: Person, memory: Path, debian_tar: Path
) -> None:
    for place in playground_in(memory, person, "plashui-tests-debian"):
        env = {"PLASH_DATA": str(place / "store")}
        plash = person.bin / "plash"
        done = person.run([plash, "pull:tarfile", debian_tar], env=env, check=True)
        image, told = done.stdout.strip(), done.stderr
        script = f"{plash} push:tarfile {image} | {plash} pull:tarfile"
        done = person.run(["sh", "-c", script], env=env)
        owners = [line for line in told.splitlines(True) if "owner" in line]
        assert bool(owners) == (person.map == "single")
        assert (done.returncode, done.stderr) == (0, "".join(owners))
        expected = trees.look_into(person, place / "store", image)
        assert len(expected) > 5000
        again = trees.look_into(person, place / "store", done.stdout.strip())
        assert again == expected
        assert leftovers(place / "store") == []
