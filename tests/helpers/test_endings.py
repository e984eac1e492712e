"""How it ends: status, signals, what is left running, who is killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench
from tests.tools import is_alive, leftovers, mounts_of, only_child, wait_for

FORWARDED = [
    *(signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGWINCH),
    *(signal.SIGTSTP, signal.SIGURG, signal.SIGABRT, signal.SIGRTMIN, signal.SIGRTMAX),
]


def all_gone(plash: Bench) -> bool:
    """Nothing mounted, nothing left in the store."""
    return mounts_of(plash.store) == [] and leftovers(plash.store) == []


class Started:
    """A run that says when it is inside, and its payload's pid."""

    def __init__(self, plash: Bench, image: str, script: str, *options: str) -> None:
        """Start it and wait for the first line of the script's own."""
        self.plash = plash
        words = ["run", *options, image, "sh", "-c", f"echo $$; {script}"]
        self.process = plash.start(
            *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stdout
        self.payload = int(self.process.stdout.readline())
        if leftovers(plash.store) == []:
            self.process.kill()
            pytest.fail("a run without a work directory")

    def wait(self) -> int:
        """The status, once it has ended."""
        status = self.process.wait(30)
        assert self.process.stdout
        assert self.process.stderr
        self.process.stdout.close()
        self.process.stderr.close()
        return status


def as_programs(image: str) -> list[list[str]]:
    """What is called with a command that it becomes or starts."""
    return [["run", image], ["mounted", image], ["sudo"], ["data"]]


def test_the_exit_status_is_the_commands(plash: Bench, image: str) -> None:
    for words in (*as_programs(image), ["engine:sudo", "--"]):
        for status in (0, 1, 42, 125, 255):
            done = plash(*words, "sh", "-c", f"exit {status}")
            assert done.returncode == status


def test_not_found_is_127_and_not_executable_126(plash: Bench, image: str) -> None:
    for words in as_programs(image):
        missing = plash(*words, "no-such-program")
        assert missing.returncode == 127
        assert missing.stderr.startswith("plash error: cannot run no-such-program in ")
        assert missing.stderr.count("\n") == 1
        assert plash(*words, "/etc/passwd").returncode == 126
        assert plash(*words, "/etc").returncode == 126
    assert plash("run", image, "").returncode == 127


def test_a_missing_interpreter_is_told_from_a_missing_program(
    plash: Bench, image: str
) -> None:
    script = "mkdir bin; printf '#!/no/such\\n' >bin/odd; chmod 755 bin/odd"
    child = plash.layer(script, image)
    done = plash("run", child, "/bin/odd")
    assert done.returncode == 127
    assert "interpreter" in done.stderr


def test_a_directory_in_path_that_may_not_be_entered_is_not_the_reason(
    plash: Bench, image: str, tmp_path: Path
) -> None:
    (tmp_path / "closed").mkdir(0o700)
    (tmp_path / "file").touch()
    path = f"{tmp_path}/closed:{tmp_path}/file:/usr/bin:/bin"
    for words in (["mounted", image], ["sudo"], ["data"]):
        done = plash(*words, "no-such-program", env={"PATH": path})
        assert done.returncode == 127
        assert "there is no such program" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_signal_that_kills_the_command_kills_the_helper(
    plash: Bench, image: str, number: int
) -> None:
    process = plash.start("run", image, "sh", "-c", f"kill -{int(number)} $$")
    assert process.wait(30) == -number
    assert leftovers(plash.store) == []


@pytest.mark.parametrize("number", FORWARDED)
def test_signals_reach_the_command(plash: Bench, image: str, number: int) -> None:
    script = f"trap 'exit 9' {int(number)}; echo ready; while :; do sleep 0.05; done"
    run = Started(plash, image, script)
    assert run.process.stdout
    assert run.process.stdout.readline() == b"ready\n"
    run.process.send_signal(number)
    assert run.wait() == 9
    assert all_gone(plash)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ended_by_a_signal_it_leaves_nothing(
    plash: Bench, image: str, number: int
) -> None:
    run = Started(plash, image, "mkdir -m 0 /left; exec sleep 1000")
    name = Path(f"/proc/{run.payload}/comm")  # mkdir would be left behind, as is right
    wait_for(lambda: name.read_text() == "sleep\n", "it to become sleep")
    run.process.send_signal(number)
    assert run.wait() == -number
    # The shell may have been ended while mkdir still ran, which the keeper outlives.
    wait_for(lambda: all_gone(plash), "the keeper to tidy up")


def test_killed_it_takes_the_command_along_and_leaves_nothing(
    plash: Bench, image: str
) -> None:
    run = Started(plash, image, "sleep 1000 & sleep 1000")
    run.process.kill()
    assert run.wait() == -signal.SIGKILL
    wait_for(lambda: not is_alive(run.payload), "the command to end")
    wait_for(lambda: all_gone(plash), "the keeper to tidy up")


def test_the_keeper_killed_takes_the_command_along_and_leaves_nothing(
    plash: Bench, image: str
) -> None:
    script = "sh -c 'sleep 1000 & echo $!; exec sleep 1000' & exec sleep 1000"
    run = Started(plash, image, script)
    assert run.process.stdout
    behind = int(run.process.stdout.readline())
    keeper = only_child(run.process.pid)
    os.kill(keeper, signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    wait_for(lambda: not is_alive(run.payload), "the command to end")
    assert not is_alive(behind)
    wait_for(lambda: all_gone(plash), "the waiter to tidy up")


def test_both_killed_the_command_ends_and_the_lock_is_free(
    plash: Bench, image: str
) -> None:
    run = Started(plash, image, "exec sleep 1000")
    keeper = only_child(run.process.pid)
    os.kill(run.process.pid, signal.SIGSTOP)
    os.kill(keeper, signal.SIGKILL)
    os.kill(run.process.pid, signal.SIGKILL)
    run.wait()
    wait_for(lambda: not is_alive(run.payload), "the command to end")
    (left,) = leftovers(plash.store)
    free = ["flock", "--nonblock", plash.store / "tmp" / left, "true"]
    assert plash.person.run(free).returncode == 0
    assert plash("engine:remove", plash.store, left).returncode == 0


def test_while_it_runs_image_and_changes_are_locked(plash: Bench, image: str) -> None:
    run = Started(plash, image, "exec sleep 1000")
    node = plash.store / "layer/0" / image / "_data"
    busy = ["flock", "--nonblock", "--exclusive"]
    assert plash.person.run([*busy, node, "true"]).returncode == 1
    (work,) = leftovers(plash.store)
    assert work.startswith("plashtmp_")
    assert work.split("_")[2] == str(run.process.pid)
    assert plash.person.run([*busy, plash.store / "tmp" / work, "true"]).returncode
    run.process.terminate()
    run.wait()
    assert plash.person.run([*busy, node, "true"]).returncode == 0


def test_an_image_being_removed_is_not_run(plash: Bench, image: str) -> None:
    node = plash.store / "layer/0" / image / "_data"
    run = f"{plash.program} run {image} true"
    script = f"exec 9<'{node}'; flock --exclusive 9; exec {run}"
    done = plash.person.run(["bash", "-c", script], env=plash.environment())
    assert done.returncode == 1
    assert done.stderr == f"plash error: image {image} is being removed\n"


def test_what_outlives_the_command_is_not_waited_for(
    plash: Bench, image: str, playground: Path
) -> None:
    """Not even for the end of the pipes: only the daemon itself may hold them."""
    go = playground / "go"
    plash.person.run(["mkfifo", go], check=True)
    daemon = f"(read x </mnt{go}; exit) >/dev/null 2>&1 </dev/null &"
    done = plash("run", image, "sh", "-c", f"{daemon} echo out; exit 5")
    assert (done.stdout, done.returncode) == ("out\n", 5)
    assert leftovers(plash.store) != []
    assert mounts_of(plash.store) != []
    plash.person.run(["sh", "-c", 'echo >"$0"', go], check=True)
    wait_for(lambda: all_gone(plash), "the keeper to tidy up after the daemon")


def test_a_build_ends_what_it_left_running(plash: Bench, image: str) -> None:
    daemon = "(sleep 1000; echo late >/late) >/dev/null 2>&1 & echo x >/new"
    child = plash.build(image, "sh", "-c", daemon)
    assert mounts_of(plash.store) == []
    assert [p.name for p in plash.content(child).iterdir()] == ["new"]


@pytest.mark.parametrize("ignore", ["", "trap '' TERM;"])
def test_the_end_of_the_lifeline_ends_the_command(
    plash: Bench, image: str, playground: Path, ignore: str
) -> None:
    if ignore and plash.person.map == "single":
        pytest.skip("it takes five seconds, and is the same for root")
    life = playground / "life"
    plash.person.run(["mkfifo", life], check=True)
    inner = f"{ignore} echo here; while :; do sleep 0.05; done"
    script = f'exec 8<"$0"; exec "{plash.program}" run --lifeline-fd 8 {image} "$@"'
    process = plash.person.start(
        ["bash", "-c", script, life, "sh", "-c", inner],
        env=plash.environment(),
        stdout=subprocess.PIPE,
    )
    with life.open("wb"):
        assert process.stdout
        assert process.stdout.readline() == b"here\n"
    expected = signal.SIGKILL if ignore else signal.SIGTERM
    assert process.wait(30) == -expected
    process.stdout.close()
    assert all_gone(plash)


def test_signals_are_as_a_program_expects_them(plash: Bench, image: str) -> None:
    """Python ignores SIGPIPE and passes that on; a shell pipeline relies on it."""
    done = plash("run", image, "grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status")
    values = {line.split()[1] for line in done.stdout.splitlines()}
    assert values == {"0000000000000000"}


def opened_by(pid: int) -> list[str]:
    """The files that a process has open."""
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
    return found


def test_who_only_looks_whether_an_image_is_used_holds_no_run_up(
    plash: Bench, image: str
) -> None:
    node = plash.store / "layer/0" / image / "_data"
    looks = os.open(node, os.O_RDONLY)
    fcntl.flock(looks, fcntl.LOCK_EX)
    run = plash.start(
        "run", image, "echo", "in", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while run.poll() is None and str(node) not in opened_by(run.pid):
        os.sched_yield()
    os.close(looks)
    assert run.communicate(timeout=30) == (b"in\n", b"")
