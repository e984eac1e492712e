"""Who uses an image, whichever way: engine:users says it, and `rm` when it refuses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL, SIGSTOP
from typing import Any

import pytest

from tests.helpers.conftest import Bench
from tests.tools import images, is_alive, leftovers, only_child, wait_for


def users(plash: Bench, *image: str) -> list[dict[str, Any]]:
    return plash.json(["engine:users", plash.store, *image])


@pytest.fixture
def child(plash: Bench, image: str) -> str:
    """An image on the image."""
    return plash.layer("mkdir made", image)


@pytest.fixture
def ended() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended with the test."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def rm(plash: Bench, *words: str) -> subprocess.CompletedProcess[str]:
    program = plash.person.bin / "plashui"
    return plash.person.run([program, "rm", *words], env=plash.environment())


def test_nobody_uses_a_new_image(plash: Bench, image: str) -> None:
    assert users(plash) == users(plash, image) == []
    assert plash("engine:users", plash.store / "nothing").stdout == ""


def test_a_run_is_named_by_its_command(
    plash: Bench, image: str, child: str, ended: list[subprocess.Popen[bytes]]
) -> None:
    words = ["run", child, "sh", "-c", "echo up; exec sleep 1001"]
    run = plash.start(*words, stdout=subprocess.PIPE)
    ended.append(run)
    assert run.stdout
    assert run.stdout.readline() == b"up\n"
    wait_for(
        lambda: any(u["command"] == "sleep 1001" for u in users(plash)), "the command"
    )
    found = users(plash, child)
    assert found == users(plash)
    (command,) = [u for u in found if not u["plash"]]
    assert command["how"] == "run"
    assert command["image"] == int(child)
    # The one who waits and the keeper are known as such.
    assert run.pid in {u["pid"] for u in found if u["plash"]}
    assert users(plash, image) == []

    done = rm(plash, image)
    assert done.returncode == 1
    assert f"image {child} is in use by process {command['pid']} (sleep)" in done.stderr
    assert {int(image), int(child)} <= set(images(plash.store))
    run.terminate()
    run.wait(30)
    assert users(plash) == []
    assert rm(plash, image).returncode == 0
    assert images(plash.store) == []


def test_who_holds_the_lock_is_named(
    plash: Bench, image: str, ended: list[subprocess.Popen[bytes]]
) -> None:
    data = plash.content(image).parent
    script = 'exec 3<"$0"; flock -s 3; echo locked; exec sleep 1002'
    words = plash.person.argv(["sh", "-c", script, data])
    holder = subprocess.Popen(words, stdout=subprocess.PIPE)
    ended.append(holder)
    assert holder.stdout
    assert holder.stdout.readline() == b"locked\n"
    wait_for(lambda: users(plash)[0]["command"] == "sleep 1002", "sleep")
    (found,) = users(plash)
    assert (found["how"], found["image"]) == ("lock", int(image))
    done = rm(plash, image)
    assert done.returncode == 1
    assert f"in use by process {found['pid']} (sleep)" in done.stderr
    assert int(image) in images(plash.store)
    # One who only looks at the directory does not hold it.
    holder.kill()
    holder.wait()
    looks = 'exec 3<"$0"; echo open; exec sleep 1002'
    looker = subprocess.Popen(
        plash.person.argv(["sh", "-c", looks, data]), stdout=subprocess.PIPE
    )
    ended.append(looker)
    assert looker.stdout
    assert looker.stdout.readline() == b"open\n"
    assert users(plash) == []


def test_a_run_of_the_old_program_is_seen(
    plash: Bench, image: str, child: str, ended: list[subprocess.Popen[bytes]]
) -> None:
    old_run = plash.person.program(__file__, "old_run.sh")
    unshare = ["unshare", "-m"] if plash.person.map == "root" else ["unshare", "-Urm"]
    words = [*unshare, "sh", old_run, plash.store, child]
    old = subprocess.Popen(
        plash.person.argv(words), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    ended.append(old)
    assert old.stdout
    assert old.stdout.readline() == b"mounted\n"
    wait_for(lambda: users(plash)[0]["command"] == "sleep 1003", "sleep")
    (found,) = users(plash)
    assert (found["how"], found["image"]) == ("old", int(child))
    assert found["pid"] == old.pid
    # It stands on the image as well.
    done = rm(plash, image)
    assert done.returncode == 1
    assert f"image {child} is in use by process {old.pid} (sleep)" in done.stderr
    assert int(child) in images(plash.store)


def test_an_old_run_is_seen_whatever_the_store_was_called(
    plash: Bench, playground: Path, child: str, ended: list[subprocess.Popen[bytes]]
) -> None:
    called = playground / "index/layer/0/s t"
    plash.person.run(["mkdir", "-p", called.parent], check=True)
    plash.person.run(["ln", "-s", plash.store, called], check=True)
    old_run = plash.person.program(__file__, "old_run.sh")
    unshare = ["unshare", "-m"] if plash.person.map == "root" else ["unshare", "-Urm"]
    words = [*unshare, "sh", old_run, called, child]
    old = subprocess.Popen(plash.person.argv(words), stdout=subprocess.PIPE)
    ended.append(old)
    assert old.stdout
    assert old.stdout.readline() == b"mounted\n"
    for store in (plash.store, called):
        (found,) = Bench(plash.person, store).json(["engine:users", store, child])
        assert (found["how"], found["pid"]) == ("old", old.pid)


def test_used_or_not_is_looked_at_after_the_move(
    plash: Bench, image: str, child: str
) -> None:
    """A removal that finds the lock taken only then puts everything back."""
    python = plash.person.bin / "python3"
    program = plash.person.program(__file__, "late_use.py")
    for way, error in (("lock", "InUse"), ("child", "PlanChanged")):
        words = [python, program, plash.store, image, child, way]
        done = plash.person.run(words, env=plash.environment())
        assert done.stdout == f"{error}\n", done.stderr
        assert {int(image), int(child)} <= set(images(plash.store))
        assert plash("run", child, "ls", "/made").returncode == 0
        assert not list(plash.store.glob("trash/*"))
        assert not list(plash.store.rglob("trash.json"))


def test_a_removal_that_is_killed_leaves_them_restorable(
    plash: Bench, image: str, child: str
) -> None:
    program = plash.person.program(__file__, "killed_removal.py")
    words = [plash.person.bin / "python3", program, plash.store, image]
    assert plash.person.run(words, env=plash.environment()).returncode == -9
    assert images(plash.store) == []
    plashui = plash.person.bin / "plashui"
    env = plash.environment()
    assert plash.person.run([plashui, "clean"], env=env).returncode == 0
    assert plash.person.run([plashui, "restore", image], env=env).returncode == 0
    assert images(plash.store) == [int(image), int(child)]
    assert plash("run", child, "true").returncode == 0


@pytest.mark.parametrize("person", ["full", "single"], indirect=True)
def test_what_is_left_of_a_killed_run_keeps_its_changes(
    plash: Bench, image: str
) -> None:
    """No lock is held any more, but the mount is there as long as a process."""
    script = "echo x >/new; sleep 1000 >/dev/null & echo $!; wait"
    run = plash.start("run", image, "sh", "-c", script, stdout=subprocess.PIPE)
    assert run.stdout
    command = int(run.stdout.readline())
    keeper = only_child(run.pid)
    for signal in (SIGSTOP, SIGKILL):
        for pid in (keeper, run.pid):
            os.kill(pid, signal)
    run.wait()
    try:
        (work,) = leftovers(plash.store)
        plash("clean", check=True)
        assert leftovers(plash.store) == [work]
    finally:
        os.kill(command, SIGKILL)
    wait_for(lambda: not is_alive(command), "the command to end")
    plash("clean", check=True)
    assert leftovers(plash.store) == []


def test_a_place_with_spaces_and_newlines_is_a_place(
    plash: Bench, image: str, ended: list[subprocess.Popen[bytes]]
) -> None:
    odd = plash.store.with_name("o d\\d\n,:[")
    Path(plash.store).rename(odd)
    try:
        there = Bench(plash.person, odd)
        run = there.start(
            "run", image, "sh", "-c", "echo up; exec sleep 1004", stdout=subprocess.PIPE
        )
        ended.append(run)
        assert run.stdout
        assert run.stdout.readline() == b"up\n"
        assert {u["how"] for u in users(there)} == {"run", "lock"}
        run.terminate()
        run.wait(30)
    finally:
        odd.rename(plash.store)


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_store_that_is_a_whole_disk_is_not_another_one(
    plash: Bench, image: str, playground: Path
) -> None:
    """Their directories have the same inode."""
    plash.person.run(["mkfifo", playground / "end"], check=True)
    script = plash.person.program(__file__, "two_disks.sh")
    words = ["unshare", "-m", "sh", script, plash.store, playground]
    done = plash.person.run([*words, plash.program, image], timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "in\n", "")
