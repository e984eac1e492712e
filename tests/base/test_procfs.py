"""Processes are what proc(5) says, whatever their names are, or are gone."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

from plashui.base import procfs
from tests.tools import wait_for


def test_this_process_is_what_it_knows_of_itself() -> None:
    seen = procfs.look(os.getpid())
    assert seen
    times = os.times()
    assert seen.user == pwd.getpwuid(os.getuid()).pw_name
    assert sys.executable in seen.command or "python" in seen.command
    assert 0 < seen.cpu <= times.user + times.system + 1
    assert 1 << 20 < seen.memory < 1 << 33
    assert 0 <= time.time() - seen.started < 24 * 3600
    assert procfs.parents()[os.getpid()] == os.getppid()


def test_a_command_is_told_as_a_shell_would_take_it() -> None:
    words = ["sh", "-c", "echo; read line", "two words", ""]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.read(1) == b"\n"
        seen = procfs.look(process.pid)
        assert seen
        assert seen.command == "sh -c 'echo; read line' 'two words' ''"
        assert procfs.parents()[process.pid] == os.getpid()
        assert abs(time.time() - seen.started) < 60
        process.stdin.close()


def command_of(pid: int) -> str:
    """The command of a process, "" where there is none."""
    seen = procfs.look(pid)
    return seen.command if seen else ""


def test_no_name_can_pass_for_other_fields(tmp_path: Path) -> None:
    program = tmp_path / "a) R 1 (b\n"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "1000"]) as process:
        name = Path(f"/proc/{process.pid}/comm")
        wait_for(lambda: name.read_text().startswith("a)"), "it to begin")
        assert procfs.parents()[process.pid] == os.getpid()
        process.kill()
        # Until we have waited for it, it is there but has no command any more.
        wait_for(lambda: command_of(process.pid) == "a) R 1 (b\n", "its end")
    assert procfs.look(process.pid) is None


def test_own_numbers_are_those_of_a_namespace_of_its_own() -> None:
    assert not procfs.has_own_numbers(4_194_305)  # no process has this number
    assert not procfs.has_own_numbers(1)
