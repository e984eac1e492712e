"""Where an app's root directory comes from, and what is left of a start."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import processes_naming
from tests.helpers.onefile.conftest import App, Shelf
from tests.tools import is_alive, wait_for

WAYS = {
    "fuse": "this file, by FUSE",
    "cache": "the copy in the cache",
    "memory": "a copy in memory",
}
CHANGES = "touch /x /bin/y && rm /bin/id && rm -r /etc && ls /"


def has_fuse(app: App) -> bool:
    """Whether the person can open /dev/fuse."""
    return app.person.run(["sh", "-c", ": <>/dev/fuse"]).returncode == 0


def way_of(done: subprocess.CompletedProcess[str]) -> str:
    """How it says that it was started."""
    line = done.stderr.rpartition("root directory: ")[2].partition("\n")[0]
    return line.partition(" [")[0]


def living(app: App) -> list[int]:
    """The processes of an app that have not ended."""
    return [pid for pid in processes_naming(app.path) if is_alive(pid)]


def gone(app: App) -> None:
    """Wait until nothing of an app runs."""
    wait_for(lambda: not living(app), f"the end of {app.path}")


@pytest.mark.parametrize("way", WAYS)
def test_an_app_runs_its_image_and_can_change_it(shelf: Shelf, way: str) -> None:
    app = shelf.app(way=way)
    if way == "fuse" and not has_fuse(app):
        pytest.skip("nobody but root may open /dev/fuse here")
    done = app("sh", "-c", CHANGES)
    assert done.returncode == 0, done.stderr
    assert way_of(done) == WAYS[way]
    assert "x\n" in done.stdout
    assert "etc\n" not in done.stdout
    again = app("ls", "/bin/id", "/etc")
    assert again.returncode == 0
    gone(app)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_the_host_is_mounted_in_it(shelf: Shelf, way: str) -> None:
    app = shelf.app(way=way)
    if way == "fuse" and not has_fuse(app):
        pytest.skip("nobody but root may open /dev/fuse here")
    table = app("cat", "/proc/self/mounts", check=True).stdout.splitlines()
    places = [line.split()[1] for line in table]
    usual = ("/dev", "/proc", "/sys", "/tmp", "/run")
    assert places[0] == "/"
    assert places.count("/") == 1
    assert all(place.startswith(usual) for place in places[1:]), places


def test_the_second_start_makes_a_copy_for_the_third(shelf: Shelf) -> None:
    app = shelf.app()
    if not has_fuse(app):
        pytest.skip("nobody but root may open /dev/fuse here")
    assert way_of(app("true")) == WAYS["fuse"]
    assert app.copies() == [".started"]
    assert way_of(app("true")) == WAYS["fuse"]
    wait_for(lambda: f"-{app.person.map}" in app.copies(), "the copy")
    assert way_of(app("true")) == WAYS["cache"]
    gone(app)
    rest = [name for name in app.copies() if name.endswith(".new")]
    assert rest == []


def test_without_a_device_it_is_unpacked_first(shelf: Shelf) -> None:
    app = shelf.without_fuse(shelf.app())
    assert way_of(app("true", check=True)) == WAYS["cache"]
    gone(app)


def test_extract_and_run_unpacks_first(shelf: Shelf) -> None:
    app = shelf.app()
    done = app("--appimage-extract-and-run", "echo", "hello")
    assert (done.stdout, way_of(done)) == ("hello\n", WAYS["cache"]), done.stderr


@pytest.mark.parametrize("trouble", ["no home", "a file", "read-only"])
def test_where_nothing_can_be_kept_it_runs_from_memory(
    shelf: Shelf, trouble: str
) -> None:
    app = shelf.without_fuse(shelf.app())
    env = {}
    cache = app.path.parent / "cache"
    if trouble == "no home":
        env = {"XDG_CACHE_HOME": "", "HOME": ""}
    elif trouble == "a file":
        cache.write_text("")
    else:
        cache.mkdir()
        script = 'mount -t tmpfs -o ro tmpfs "$0" && exec "$@"'
        words = ("unshare", "-m", "sh", "-c", script, str(cache))
        app = replace(
            app, person=replace(app.person, prefix=(*words, *app.person.prefix))
        )
    done = app("sh", "-c", CHANGES, env=env)
    assert done.returncode == 0, done.stderr
    assert way_of(done) == WAYS["memory"]


def test_a_copy_on_a_disk_without_programs_runs(shelf: Shelf) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk like that")
    app = shelf.app(way="cache")
    cache = app.path.parent / "cache"
    cache.mkdir()
    script = 'mount -t tmpfs -o noexec,mode=0777 tmpfs "$0" && exec "$@"'
    words = ("unshare", "-m", "sh", "-c", script, str(cache))
    app = replace(app, person=replace(app.person, prefix=(*words, *app.person.prefix)))
    assert app("sh", "-c", CHANGES).returncode == 0


def test_a_full_disk_leaves_no_half_copy(shelf: Shelf) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk like that")
    app = shelf.without_fuse(shelf.app())
    cache = app.path.parent / "cache"
    cache.mkdir()
    script = (
        'mount -t tmpfs -o size=1m,mode=0777 tmpfs "$0" && "$@"; status=$?;'
        ' find "$0" -name "*.new"; exit $status'
    )
    words = ("unshare", "-m", "sh", "-c", script, str(cache))
    app = replace(app, person=replace(app.person, prefix=(*words, *app.person.prefix)))
    done = app("echo", "hello")
    assert (done.stdout, done.returncode) == ("hello\n", 0), done.stderr
    assert way_of(done) == WAYS["memory"]
    assert "No space left" in done.stderr


def test_a_directory_of_somebody_else_is_not_used(shelf: Shelf) -> None:
    app = shelf.app(way="cache")
    app("true", check=True)
    app.person.run(["chmod", "0777", app.cache], check=True)
    done = app("true")
    assert done.returncode == 1
    assert "somebody else" in done.stderr


def test_a_changed_file_is_not_unpacked_for_later(shelf: Shelf) -> None:
    app = shelf.app(way="cache")
    data = bytearray(app.path.read_bytes())
    data[-1] ^= 1
    app.path.write_bytes(data)
    done = app("true")
    assert done.returncode == 1
    assert "it was changed since it was made" in done.stderr
    assert [x for x in app.copies() if not x.endswith(".lock")] == []


def test_a_file_that_cannot_be_read_says_so(shelf: Shelf) -> None:
    app = shelf.app()
    if app.person.map == "root":
        pytest.skip("root may read everything")
    app.path.chmod(0o111)
    done = app("true")
    assert done.returncode == 1
    assert f"cannot read {app.path}: Permission denied. It has to be" in done.stderr


def test_a_file_that_is_cut_off_is_refused(shelf: Shelf) -> None:
    app = shelf.app()
    data = app.path.read_bytes()
    program = int(app("--appimage-offset").stdout)
    for length in (program, program + 50, len(data) - 5000):
        app.path.write_bytes(data[:length])
        done = app("true")
        assert done.returncode == 1, length
        assert "cannot read the image in this file" in done.stderr


def test_two_starts_at_once_make_one_copy(shelf: Shelf) -> None:
    app = shelf.app(way="cache")
    running = [app.start("true", stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    assert len(app.copies()) == 2  # and its lock


@pytest.mark.parametrize("way", WAYS)
def test_killed_it_leaves_nothing(shelf: Shelf, way: str) -> None:
    app = shelf.app("Arg=--out:output", way=way)
    if way == "fuse" and not has_fuse(app):
        pytest.skip("nobody but root may open /dev/fuse here")
    with app.start("sh", "-c", "echo; sleep 1000", stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        os.kill(min(living(app)), signal.SIGKILL)
        process.wait()
    gone(app)
    wait_for(lambda: not hidden(app.path.parent), "the end of the output")


def hidden(directory: Path) -> list[str]:
    """The names that begin with a dot."""
    return [name for name in os.listdir(directory) if name.startswith(".")]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_killed_while_it_unpacks_it_leaves_no_half_copy(
    shelf: Shelf, which: int
) -> None:
    """Whichever of its processes is killed."""
    for number in range(3):
        app = shelf.app(f"Set=N={number}", way="cache", name=f"{number}.app")
        process = app.start("true", stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02 * number)
        for pid in sorted(living(app))[which : which + 1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        gone(app)
        rest = [name for name in app.copies() if name.endswith(".new")]
        assert rest == [], number


def test_it_ends_as_its_command(shelf: Shelf) -> None:
    app = shelf.app(way="memory")
    assert app("sh", "-c", "exit 7").returncode == 7
    assert app("sh", "-c", "kill -9 $$").returncode == -signal.SIGKILL
    assert app("/nothing").returncode == 127
    assert app("/etc/passwd").returncode == 126


def test_signals_reach_the_command(shelf: Shelf) -> None:
    app = shelf.app(way="cache")
    script = "trap 'echo caught; exit 3' TERM; echo; while :; do sleep 0.01; done"
    with app.start("sh", "-c", script, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        os.kill(min(living(app)), signal.SIGTERM)
        assert process.stdout.read() == b"caught\n"
        assert process.wait() == 3


def test_read_only_means_that_nothing_can_be_changed(shelf: Shelf) -> None:
    app = shelf.app("Root=read-only", way="cache")
    done = app("sh", "-c", "touch /x || touch /tmp/x && echo only there")
    assert done.stdout == "only there\n"


def test_changes_can_be_kept(shelf: Shelf) -> None:
    app = shelf.app(way="cache")
    app("--app-persist", "kept", "sh", "-c", "echo 1 >/etc/x; rm /bin/id", check=True)
    done = app("--app-persist", "kept", "sh", "-c", "cat /etc/x; ls /bin/id")
    assert done.stdout == "1\n"
    assert app("ls", "/bin/id").returncode == 0


def test_without_user_namespaces_it_says_why(shelf: Shelf) -> None:
    # In another app there are none.
    if b"__asan_init" in shelf.workshop.runtime.read_bytes():
        pytest.skip("the sanitizers need a libc in the other app")
    shelf.app(way="memory", name="inner")
    outer = shelf.app(f"Bind={shelf.place}/inner:/inner:ro", way="memory")
    done = outer("/inner", "true")
    assert done.returncode == 1
    assert "cannot make a user namespace: not permitted here" in done.stderr
