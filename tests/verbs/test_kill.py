"""Killed in the middle: nothing mounted, no half image, and the next clean frees all.

Each time the Python program, the helper, or both are killed with SIGKILL.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import children_of, images, leftovers, mounts_of, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

WHO = ["python", "helper", "both"]


def kill(who: str, python: int) -> None:
    """Kill the program, its helper, or both at once."""
    helpers = children_of(python)
    assert helpers, "the helper runs"
    doomed = {"python": [python], "helper": helpers, "both": [python, *helpers]}[who]
    for pid in doomed:
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def nothing_is_left(store: Path, plashui: Run) -> Callable[[list[int]], None]:
    """Check the store after a kill: these images, no mount, clean frees the rest."""

    def check(expected: list[int]) -> None:
        wait_for(lambda: mounts_of(store) == [], f"{mounts_of(store)} to end")
        assert images(store) == expected
        wait_for(lambda: _cleaned(plashui, store), "clean to find what was left")

    return check


def _cleaned(plashui: Run, store: Path) -> bool:
    assert plashui("clean").returncode == 0
    return leftovers(store) == []


@pytest.mark.parametrize("who", WHO)
def test_import(
    person: Person,
    store: Path,
    busybox_tar: Path,
    who: str,
    nothing_is_left: Callable[[list[int]], None],
) -> None:
    env = {"PLASH_DATA": str(store)}
    words = [person.bin / "plashui", "pull:tarfile"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = person.start(words, env=env, stdin=subprocess.PIPE, **quiet)
    assert process.stdin is not None
    process.stdin.write(busybox_tar.read_bytes()[:1_500_000])
    process.stdin.flush()
    wait_for(lambda: any((store / "tmp").glob("*/data/bin")), "files to appear")
    kill(who, process.pid)
    process.stdin.close()
    assert process.wait() != 0
    nothing_is_left([])


@pytest.mark.parametrize("who", WHO)
def test_build(
    person: Person,
    store: Path,
    image: str,
    who: str,
    nothing_is_left: Callable[[list[int]], None],
) -> None:
    script = "rm -r /usr; echo up; exec sleep 1000"
    words = [person.bin / "plashui", "build", image, "sh", "-c", script]
    env = {"PLASH_DATA": str(store)}
    process = person.start(
        words, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"up\n"
    kill(who, process.pid)
    assert process.wait() != 0
    process.stderr.close()
    nothing_is_left([int(image)])


def is_removing(pid: int) -> bool:
    """Whether a process is the helper that deletes files."""
    try:
        return b"engine:remove" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("who", WHO)
def test_remove(
    person: Person,
    store: Path,
    image: str,
    plashui: Run,
    who: str,
    nothing_is_left: Callable[[list[int]], None],
) -> None:
    script = "mkdir /m; cd /m; i=0; while [ $i -lt 9000 ]; do : > f$i; i=$((i+1)); done"
    helpers: list[int] = []

    def begun_or_over() -> bool:
        helpers[:] = [p for p in children_of(process.pid) if is_removing(p)]
        return bool(helpers) or process.poll() is not None

    while not helpers:  # it may be over before we have looked: then once more
        child = plashui("build", image, "sh", "-c", script).stdout.strip()
        assert child
        words = [person.bin / "plashui", "rm", child]
        process = person.start(
            words, env={"PLASH_DATA": str(store)}, stderr=subprocess.DEVNULL
        )
        wait_for(begun_or_over, "the removal")
        assert process.returncode in (None, 0)
    assert not (store / "index" / child).exists()
    for pid in {"python": [], "helper": helpers, "both": helpers}[who]:
        os.kill(pid, signal.SIGKILL)
    if who != "helper":
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    nothing_is_left([int(image)])


@pytest.mark.parametrize("place", ["memory", "disk"])
@pytest.mark.parametrize("who", ["waiter", "payload"])
def test_a_run(
    person: Person,
    store: Path,
    image: str,
    who: str,
    place: str,
    nothing_is_left: Callable[[list[int]], None],
) -> None:
    script = "rm -r /usr; echo $$; sleep 1000"
    option = ["--in-memory"] if place == "memory" else []
    words = [person.bin / "plash", "run", *option, image, "sh", "-c", script]
    process = person.start(
        words,
        env={"PLASH_DATA": str(store)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    payload = int(process.stdout.readline())
    os.kill({"waiter": process.pid, "payload": payload}[who], signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    wait_for(lambda: not Path(f"/proc/{payload}/root/bin").exists(), "its end")
    process.stdout.close()
    if who == "waiter":
        for line in mounts_of(store):
            os.kill(int(line.split(":")[0]), signal.SIGKILL)
    nothing_is_left([int(image)])
