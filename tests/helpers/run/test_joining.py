"""A second command that works on the same changes joins the first one's mounts."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench, Word, make_store
from tests.tools import only_child


class Run:
    """A run:persist that stays until it is told to end."""

    def __init__(
        self, plash: Bench, image: str, changes: Path, script: str, *options: str
    ) -> None:
        """Start it, and wait until it has done what the script says."""
        words: list[Word] = ["run:persist", *options, image, changes, "sh", "-c"]
        script = f"{script}; echo in; read x; cat /said 2>/dev/null; echo out"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = plash.start(*words, script, **pipes)
        assert self.process.stdout
        self.said = b""
        while not self.said.endswith(b"in\n"):
            line = self.process.stdout.readline()
            assert line, "it did not begin"
            self.said += line

    def end(self) -> str:
        """What it says at the end."""
        said, _nothing = self.process.communicate(b"\n", timeout=30)
        return str(said.decode())


@pytest.fixture
def changes(playground: Path) -> Path:
    """The directory that all work on."""
    return playground / "changes"


NAMESPACE = "readlink /proc/self/ns/mnt"


def test_all_see_what_each_writes(plash: Bench, image: str, changes: Path) -> None:
    first = Run(plash, image, changes, f"{NAMESPACE}; echo 1 >/one")
    second = Run(plash, image, changes, f"{NAMESPACE}; echo 2 >/said; cat /one")
    assert second.said == first.said.replace(b"in\n", b"1\nin\n")
    assert first.end() == second.end() == "2\nout\n"
    done = plash("run:persist", image, changes, "cat", "/one", "/said")
    assert done.stdout == "1\n2\n"


def test_it_goes_on_when_the_first_has_ended_and_others_come(
    plash: Bench, image: str, changes: Path
) -> None:
    first = Run(plash, image, changes, NAMESPACE)
    second = Run(plash, image, changes, "true")
    assert first.end() == "out\n"
    third = Run(plash, image, changes, f"{NAMESPACE}; echo 3 >/said")
    assert third.said == first.said
    assert second.end() == third.end() == "3\nout\n"


def test_who_has_let_nobody_in_is_not_held_up(
    plash: Bench, image: str, changes: Path
) -> None:
    """All hear the knock of a newcomer, and one of them opens."""
    runs = [Run(plash, image, changes, "true", "--isolate") for _ in range(6)]
    for _ in range(6):
        plash("run:persist", "--isolate", image, changes, "true", check=True)
    for run in runs:
        assert run.end() == "out\n"


@pytest.mark.parametrize("victim", ["first", "its keeper", "second"])
def test_killed_one_leaves_the_other_as_it_was(
    plash: Bench, image: str, changes: Path, victim: str
) -> None:
    first = Run(plash, image, changes, "true")
    second = Run(plash, image, changes, "echo 2 >/said")
    dead, lives = (second, first) if victim == "second" else (first, second)
    pid = dead.process.pid
    os.kill(only_child(pid) if "keeper" in victim else pid, signal.SIGKILL)
    dead.process.communicate(timeout=30)
    third = Run(plash, image, changes, "cat /said")
    assert third.said == b"2\nin\n"
    assert third.end() == lives.end() == "2\nout\n"


def test_the_directory_is_locked_until_the_last_has_ended(
    plash: Bench, image: str, changes: Path
) -> None:
    first = Run(plash, image, changes, "true")
    second = Run(plash, image, changes, "true")
    first.end()
    words: list[Word] = ["engine:with", "--upper", changes, plash.store, image]
    words += ["--", "true"]
    refused = plash(*words)
    assert refused.returncode != 0
    assert "another run is using it" in refused.stderr
    second.end()
    assert plash(*words).returncode == 0


def test_an_isolated_one_that_was_alone_leaves_no_lock_when_it_ends(
    plash: Bench, image: str, changes: Path
) -> None:
    for _again in range(5):
        done = plash("run:persist", "--isolate", image, changes, "true")
        assert done.returncode == 0, done.stderr
        lock = os.open(changes, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)


def test_a_run_of_another_image_does_not_join(
    plash: Bench, image: str, changes: Path
) -> None:
    other = plash.layer("echo x >x", image)
    first = Run(plash, image, changes, "true")
    done = plash("run:persist", other, changes, "true")
    assert done.returncode == 1
    why = f": a run of image {image} is using it, and this is a run of image {other}\n"
    assert done.stderr.endswith(why)
    first.end()


def test_it_is_started_as_any_other(plash: Bench, image: str, changes: Path) -> None:
    first = Run(plash, image, changes, "true")
    script = "pwd; id -u; echo $_HOST_X; cat; cat <&3; exit 5"
    line = f"{plash.program} run:persist {image} {changes} sh -c '{script}' 3<<<three"
    env = plash.environment({"X": "y"})
    done = plash.person.run(["bash", "-c", line], env=env, input="input\n")
    home = plash.person.home
    assert done.stdout == f"{home}\n0\ny\ninput\nthree\n", done.stderr
    assert done.returncode == 5
    first.end()


ALL = "cd /proc/self/ns; for n in user pid mnt ipc uts net cgroup; do readlink $n; done"
FENCE = "grep -E '^(Cap|NoNewPrivs|Seccomp)' /proc/self/status; cat /proc/self/cgroup"


def test_isolated_ones_share_all_namespaces_and_the_same_fence(
    plash: Bench, image: str, changes: Path
) -> None:
    script = f"echo x >/tmp/shared; {ALL}; {FENCE}"
    first = Run(plash, image, changes, script, "--isolate")
    second = Run(plash, image, changes, f"{script}; cat /tmp/shared", "--isolate")
    assert second.said == first.said.replace(b"in\n", b"x\nin\n")
    pids = Run(plash, image, changes, "ps | grep -c 'read [x]'", "--isolate")
    assert int(pids.said.split()[0]) >= 2, "they see one another"
    for run in (first, second, pids):
        assert run.end() == "out\n"


@pytest.mark.parametrize("victim", ["", "first", "second"])
def test_an_isolated_one_goes_on_when_another_has_ended(
    plash: Bench, image: str, changes: Path, victim: str
) -> None:
    first = Run(plash, image, changes, "sleep 1000 >&- 2>&- & true", "--isolate")
    second = Run(plash, image, changes, "echo 2 >/said", "--isolate")
    dead, lives = (second, first) if victim == "second" else (first, second)
    if victim:
        dead.process.kill()
        dead.process.communicate(timeout=30)
    else:
        assert dead.end() == "2\nout\n"
    third = Run(plash, image, changes, "cat /said", "--isolate")
    assert third.said == b"2\nin\n"
    assert third.end() == lives.end() == "2\nout\n"
    alone = Run(plash, image, changes, "ps | grep -c 'sleep [1]000'; true", "--isolate")
    assert alone.said == b"0\nin\n", "nothing of those before is left"
    alone.end()


def test_a_plain_and_an_isolated_one_do_not_meet(
    plash: Bench, image: str, changes: Path
) -> None:
    for mine, theirs in (([], ["--isolate"]), (["--isolate"], [])):
        first = Run(plash, image, changes, "true", *mine)
        done = plash("run:persist", *theirs, image, changes, "true")
        assert done.returncode == 1
        assert "isolated is using it, and this one is" in done.stderr
        first.end()


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_who_joins_makes_no_control_group(
    plash: Bench, image: str, changes: Path
) -> None:
    first = Run(plash, image, changes, "true", "--isolate")
    words: list[Word] = ["--isolate", "--memory", "64M", image, changes, "true"]
    second = plash.start("run:persist", *words, stderr=subprocess.PIPE)
    _nothing, said = second.communicate(timeout=30)
    assert (second.returncode, b"that is joined" in said) == (0, True)
    assert not list(Path("/sys/fs/cgroup").glob(f"**/plash-{second.pid}"))
    first.end()


def test_a_run_of_an_image_of_another_store_does_not_join(
    plash: Bench, image: str, changes: Path, playground: Path, busybox_tar: Path
) -> None:
    other = Bench(plash.person, make_store(plash.person, playground / "other"))
    assert other.image_of(busybox_tar) == image
    first = Run(plash, image, changes, "true")
    done = other("run:persist", image, changes, "true")
    assert done.returncode == 1
    assert done.stderr == (
        f"plash error: cannot keep changes in {changes}: a run of an image of another"
        " store is using it\n"
    )
    first.end()


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_the_door_of_another_user_is_not_knocked_at(
    plash: Bench, image: str, playground: Path
) -> None:
    """Who answers there says what is entered, and with what."""
    changes = playground / "theirs"
    (changes / "work").mkdir(parents=True)
    os.chown(changes, 65534, 65534)
    os.chown(changes / "work", 65534, 65534)
    theirs = subprocess.Popen(
        ["/usr/bin/python3", plash.person.program(__file__, "strange_door.py")],
        cwd=changes,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert theirs.stdout
    assert theirs.stdout.readline() == b"open\n"
    done = plash("run:persist", image, changes, "true", timeout=30)
    assert (done.returncode, "another run is using it" in done.stderr) == (1, True)
    theirs.communicate()
