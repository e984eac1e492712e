"""An app inside docker, podman and another app, which have no FUSE."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import cannot, playground_in
from tests.helpers.onefile.conftest import App, Shelf, Workshop
from tests.helpers.onefile.test_starts import gone, way_of
from tests.people import MapKind, Person

INSIDE = "echo x >/etc/x && cat /etc/x; id -u; exit 7"
FEW = ("--ulimit=nofile=1000:1000", "--ulimit=nproc=1000:1000")
"""What podman itself wants, root without all rights cannot give."""
BY_CHROOT = "PLASH_APP_WAY=chroot in the environment lets the app run as root"


class Engine:
    """Runs an app in a container of busybox."""

    def __init__(self, app: Path, rootfs: Path, *words: str) -> None:
        """Import the image; words are those before the engine's verb."""
        if b"__asan_init" in app.read_bytes():
            pytest.skip("the sanitizers need a libc")
        self.app, self.words = app, words
        with subprocess.Popen(
            ["tar", "-cC", rootfs, "."], stdout=subprocess.PIPE
        ) as packing:
            subprocess.run(
                [*words, "import", "-", "of-apps"],
                stdin=packing.stdout, capture_output=True, check=True,
            )  # fmt: skip

    def __call__(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Start it with these options of the engine; list its cache at the end."""
        script = f"/the.app sh -c '{INSIDE}'; s=$?; ls /tmp/plashui/apps; exit $s"
        return subprocess.run(
            [*self.words, "run", "--rm", "--network=none", "-v",
             f"{self.app}:/the.app:ro", "--tmpfs", "/tmp:exec,mode=1777",
             "-e", "XDG_CACHE_HOME=/tmp", "-e", "PLASH_DEBUG=1", *options,
             "of-apps", "sh", "-c", script],
            capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def place(base: Path, people: dict[MapKind, Person]) -> Iterator[Path]:
    """A directory of root's, who runs the engine."""
    if os.geteuid() != 0:
        pytest.skip("only root runs the engine")
    yield from playground_in(base, people["root"], "engine")


@pytest.fixture
def docker(
    place: Path, workshop: Workshop, rootfs: Path, dockerd_socket: Path
) -> Engine:
    """A real docker."""
    app = workshop.make(place / "the.app", [])
    return Engine(app, rootfs, "docker", "-H", f"unix://{dockerd_socket}")


@pytest.fixture
def podman(place: Path, workshop: Workshop, rootfs: Path) -> Iterator[Engine]:
    """A real podman with files of its own."""
    if not shutil.which("podman") or not shutil.which("runc"):
        cannot("podman or runc is not installed (Debian: podman, runc)")
    app = workshop.make(place / "the.app", [])
    settings = [f"--root={place}/podman", "--storage-driver=vfs"]
    settings += ["--runtime=runc", "--cgroup-manager=cgroupfs"]
    with TemporaryDirectory(dir="/tmp") as short:  # podman takes 50 letters at most
        settings.append(f"--runroot={short}")
        engine = Engine(app, rootfs, "podman", *settings)
        line = [*engine.words, "run", "--rm", "--network=none", *FEW, "of-apps", "true"]
        tried = subprocess.run(line, capture_output=True, text=True, check=False)
        if tried.returncode:
            pytest.skip(f"podman runs nothing here: {tried.stderr}")
        yield engine


def test_where_docker_allows_nothing_it_says_what_can_be_done(docker: Engine) -> None:
    for user in ("0", "1000"):
        done = docker("-u", user)
        assert done.returncode == 1
        assert "cannot make a user namespace: not permitted here" in done.stderr
        assert "--security-opt seccomp=unconfined" in done.stderr
        assert (BY_CHROOT in done.stderr) == (user == "0")
        assert done.stdout == ""


def test_root_of_docker_may_run_it_by_chroot(docker: Engine) -> None:
    done = docker("-e", "PLASH_APP_WAY=chroot")
    assert (done.stdout, done.returncode) == ("x\n0\n", 7), done.stderr
    done = docker("-e", "PLASH_APP_WAY=chroot", "-u", "1000")
    assert done.returncode == 1
    assert "only root with CAP_SYS_CHROOT can" in done.stderr


@pytest.mark.parametrize(
    "options", [["--security-opt=seccomp=unconfined"], ["--cap-add=SYS_ADMIN"]]
)
def test_where_docker_allows_namespaces_it_is_unpacked_once(
    docker: Engine, options: list[str]
) -> None:
    for user in ("0", "1000"):
        done = docker("-u", user, *options)
        lines = done.stdout.splitlines()
        assert lines[:2] == ["x", "0"], done.stderr
        assert done.returncode == 7
        assert way_of(done) == "the copy in the cache"
        assert len(lines) == 4  # the copy and its lock


def test_podman_allows_namespaces(podman: Engine) -> None:
    for user in ("0", "1000"):
        done = podman(*FEW, "-u", user)
        assert done.stdout.splitlines()[:2] == ["x", "0"], done.stderr
        assert done.returncode == 7
        assert way_of(done) == "the copy in the cache"


def nested(shelf: Shelf, *lines: str) -> App:
    """An app with another one at /inner."""
    if b"__asan_init" in shelf.workshop.runtime.read_bytes():
        pytest.skip("the sanitizers need a libc in the other app")
    shelf.app(*lines, way="memory", name="inner")
    return shelf.app(f"Bind={shelf.place}/inner:/inner:ro", way="memory")


def test_in_another_app_it_runs_by_chroot(shelf: Shelf) -> None:
    outer = nested(shelf, "Env=A=1", "WorkingDir=/new", "Volume=/kept")
    env = ("env", "HOME=/tmp", "PLASH_APP_WAY=chroot")
    done = outer(*env, "/inner", "sh", "-c", f"echo $A; pwd; ls -d /kept; {INSIDE}")
    assert done.stdout.split() == ["1", "/new", "/kept", "x", "0"], done.stderr
    assert done.returncode == 7
    script = '/inner sh -c "kill -9 \\$\\$"; echo $?; ls /tmp/.cache/plashui/apps'
    done = outer(*env, "sh", "-c", script)
    assert done.stdout.split() == ["137"], done.stderr
    gone(outer)


def test_killed_by_chroot_it_leaves_nothing(shelf: Shelf) -> None:
    outer = nested(shelf)
    script = """
        /inner sleep 1000 & until ls -d /tmp/plashui/apps/*-chroot-*/rootfs/tmp; do
        sleep 0.02; done
        kill -9 $!; while pgrep sleep || ls -d /tmp/plashui/apps/*-chroot-*; do
        sleep 0.02; done; echo gone
    """
    env = ("env", "XDG_CACHE_HOME=/tmp", "PLASH_APP_WAY=chroot")
    done = outer(*env, "sh", "-c", script)
    assert done.stdout.endswith("gone\n"), done.stderr


@pytest.mark.parametrize(
    ("line", "words", "why"),
    [
        ("Bind=/etc:/srv", (), "it shares files of the machine"),
        ("Arg=o:output", ("x",), "it collects its output"),
        ("Env=X=1", ("--app-persist", "x"), "it keeps changes"),
    ],
)
@pytest.mark.in_turn
def test_what_needs_a_mount_is_refused_by_chroot(
    shelf: Shelf, line: str, words: tuple[str, ...], why: str
) -> None:
    done = shelf.app(line, way="chroot")(*words)
    assert done.returncode == 1
    assert f"{why}, which needs a mount" in done.stderr
    assert "cache" not in os.listdir(shelf.place)
