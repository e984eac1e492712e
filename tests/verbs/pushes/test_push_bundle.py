"""push:bundle: what runc and crun start as it is."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import stat
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import trees
from tests.conftest import cannot
from tests.people import Person
from tests.tools import leftovers
from tests.verbs import configured
from tests.verbs.conftest import Run
from tests.verbs.pushes.test_push import Stuck, as_copied, rich, without_marks  # noqa: F401

CONFIG = {
    "Env": ["COLOUR=light green", "PATH=/bin"],
    "Entrypoint": ["/bin/busybox", "sh", "-c"],
    "Cmd": ["id -u; id -g; id -G; pwd; echo $COLOUR $HOME; touch /srv/a/new; hostname"],
    "WorkingDir": "/srv/a",
    "User": "ada",
    "Hostname": "island",
}
SETUP = (
    "mkdir -p /etc /srv/a; chown 5:6 /srv/a;"
    " echo root:x:0:0::/root:/bin/sh >/etc/passwd;"
    " echo ada:x:5:6::/home/ada:/bin/sh >>/etc/passwd;"
    " echo crew:x:7:ada >/etc/group"
)


@pytest.fixture
def web(plashui: Run, person: Person, playground: Path, busybox_tar: Path) -> str:
    """The id of an image with a config and a user of its own."""
    file = configured.archive(playground / "web.tar", busybox_tar, CONFIG)
    image = plashui("pull:file", file).stdout.strip()
    file.unlink()
    setup = SETUP if person.map != "single" else SETUP.replace("chown 5:6", "chmod 755")
    child = plashui("build", image, "sh", "-c", setup)
    assert child.returncode == 0, child.stderr
    return child.stdout.strip()


@pytest.fixture
def bundle(plash: Run, playground: Path) -> Iterator[Path]:
    """Where one is made; it goes at the end."""
    yield playground / "bundle"
    plash("sudo", "rm", "-rf", playground / "bundle")


def spec(bundle: Path) -> dict[str, Any]:
    """Its config.json."""
    found: dict[str, Any] = json.loads((bundle / "config.json").read_text())
    return found


class Runtimes:
    """runc, and crun where it can do with the control groups of this machine."""

    def __init__(self, person: Person, place: Path) -> None:
        self.person, self.state = person, place / "state"
        person.run(["mkdir", "-m", "700", self.state], check=True)

    def runc(self, bundle: Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run it by runc."""
        words = ["runc", "--root", self.state, "run", "-b", bundle, self.name()]
        return self.person.run(words, **options)

    def crun(self, bundle: Path) -> subprocess.CompletedProcess[str]:
        """Run it by crun, which does nothing where both versions of cgroups are.

        Then root gives it one where there is only the newer, in a namespace of its own.
        """
        words = ["crun", "--cgroup-manager=disabled", "--root", str(self.state)]
        words += ["run", "-b", str(bundle), self.name()]
        hybrid = Path("/sys/fs/cgroup/unified").is_dir()
        if not hybrid:
            return self.person.run(words)
        if os.geteuid() != 0:
            cannot("crun does not support cgroups in hybrid mode")
        only_new = "umount -R -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup"
        script = f'{only_new}; exec "$@"'
        argv = [str(word) for word in self.person.argv(words)]
        return subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", *argv],
            env=self.person.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def name(self) -> str:
        """Make a name that no other container has."""
        return f"plashui-tests-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def runtimes(person: Person, playground: Path) -> Runtimes:
    """Both are Debian's."""
    if not shutil.which("runc") or not shutil.which("crun"):
        cannot("runc or crun is not installed")
    return Runtimes(person, playground)


def expected_lines(person: Person, program: str) -> list[str]:
    """What the command of the image says.

    A rootless runc leaves the caller's own groups; inside, that is root's.
    """
    if person.map == "single":
        return ["0", "0", "0", "/srv/a", "light green /root", "island"]
    left = " 0" if program == "runc" else ""
    groups = "6 7" if person.map == "root" else f"6{left}"
    return ["5", "6", groups, "/srv/a", "light green /home/ada", "island"]


@pytest.mark.parametrize("program", ["runc", "crun"])
def test_runc_and_crun_start_it_unchanged(
    plashui: Run,
    person: Person,
    bundle: Path,
    web: str,
    runtimes: Runtimes,
    program: str,
) -> None:
    done = plashui("push:bundle", web, bundle)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert ("It starts as root" in done.stderr) == (person.map == "single")
    assert ("not in the groups 7:" in done.stderr) == (person.map == "full")
    ran = getattr(runtimes, program)(bundle)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == expected_lines(person, program)


def test_its_config_is_that_of_a_new_bundle_of_runc(
    plashui: Run, person: Person, playground: Path, bundle: Path, image: str
) -> None:
    assert plashui("push:bundle", image, bundle).returncode == 0
    ours = spec(bundle)
    rootless = [] if person.map == "root" else ["--rootless"]
    place = playground / "new"
    person.run(["mkdir", place], check=True)
    person.run(["runc", "spec", "-b", place, *rootless], check=True)
    theirs = spec(place)
    namespaces = {one["type"] for one in ours["linux"]["namespaces"]}
    assert namespaces == {one["type"] for one in theirs["linux"]["namespaces"]}
    for key in ("maskedPaths", "readonlyPaths"):
        assert ours["linux"][key] == theirs["linux"][key]
    known = {one["destination"]: one for one in theirs["mounts"]}
    assert [one["destination"] for one in ours["mounts"]] == list(known)
    for mount in ours["mounts"]:
        options = [x for x in mount.get("options", ()) if x != "gid=5"]
        told = [
            x for x in known[mount["destination"]].get("options", ()) if x != "gid=5"
        ]
        assert (mount["type"], options) == (known[mount["destination"]]["type"], told)
    assert ours["process"]["args"] == ["/bin/sh"]
    assert not ours["process"]["terminal"]
    if person.map != "root":
        first = {"containerID": 0, "hostID": person.uid, "size": 1}
        assert ours["linux"]["uidMappings"][0] == first
        assert (len(ours["linux"]["uidMappings"]) > 1) == (person.map == "full")
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o700


def test_rootfs_is_the_image(
    plashui: Run,
    person: Person,
    store: Path,
    bundle: Path,
    rich: str,  # noqa: F811
) -> None:
    expected = as_copied(person, without_marks(trees.look_into(person, store, rich)))
    person.run(["mkdir", bundle], check=True)  # an empty one will do
    done = plashui("push:bundle", rich, bundle)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert trees.look(person, bundle / "rootfs") == expected
    assert sorted(p.name for p in bundle.iterdir()) == ["config.json", "rootfs"]
    assert leftovers(store) == []
    again = plashui("push:bundle", rich, bundle)
    assert again.returncode == 1
    assert "is not empty" in again.stderr


def test_it_gets_a_terminal_if_asked(
    plashui: Run, person: Person, bundle: Path, image: str, runtimes: Runtimes
) -> None:
    assert plashui("push:bundle", "--terminal", image, bundle).returncode == 0
    told = spec(bundle)
    assert told["process"]["terminal"]
    told["process"]["args"] = ["/bin/busybox", "sh", "-c", "test -t 0 && echo $TERM"]
    (bundle / "config.json").write_text(json.dumps(told))
    ours, theirs = pty.openpty()
    try:
        words = ["runc", "--root", runtimes.state, "run", "-b", bundle]
        process = person.start(
            [*words, runtimes.name()], stdin=theirs, stdout=theirs, stderr=theirs
        )
        assert process.wait() == 0
        assert b"xterm" in os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_user_that_is_not_there_is_an_error(
    plashui: Run, playground: Path, busybox_tar: Path
) -> None:
    config = {"User": "nobody-knows"}
    file = configured.archive(playground / "web.tar", busybox_tar, config)
    image = plashui("pull:file", file).stdout.strip()
    done = plashui("push:bundle", image, playground / "bundle")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == f"plash error: there is no user nobody-knows in image {image}\n"
    )
    assert sorted(p.name for p in playground.iterdir()) == ["store", "web.tar"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_is_stopped_is_not_there(
    plash: Run,
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    image: str,
    how: signal.Signals,
) -> None:
    push = Stuck(person, store, image, "push:bundle")
    assert push.stop(how) == -how
    left = [push.mark] if how == signal.SIGKILL else []
    assert list(playground.glob("out*")) == left
    assert plashui("push:bundle", image, playground / "out").returncode == 0
    assert list(playground.glob("out*")) == [playground / "out"]
    plash("sudo", "rm", "-rf", playground / "out")
