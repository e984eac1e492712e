"""The terminal: Ctrl-C, Ctrl-Z, and that it is given back."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench
from tests.helpers.run.test_isolate import with_programs
from tests.tools import leftovers, wait_for


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped, as by Ctrl-Z."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it has ended
        return False
    return stat.rpartition(") ")[2].startswith("T")


class Terminal:
    """An interactive shell of the host's on a pty, typed into and read from."""

    def __init__(self, plash: Bench) -> None:
        """Start the shell; its prompt is PROMPT and a number that counts up."""
        self.seen = ""
        self.prompts = 0
        env = plash.person.environment(plash.environment())
        env |= {"PS1": "PROMPT ", "TERM": "dumb", "HISTFILE": ""}
        words = plash.person.argv(
            ["bash", "--norc", "--noprofile", "--noediting", "-i"]
        )
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(plash.person.home)
            plash.person.give(Path(os.ttyname(0)))  # as a login does
            os.execvpe(words[0], words, env)  # noqa: S606 - a child of a pty
        self.expect("PROMPT ")

    def expect(self, pattern: str, seconds: float = 20) -> str:
        """Read until the pattern appears; what came before it, and it."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.seen)):
            left = end - time.monotonic()
            assert left > 0, f"waited in vain for {pattern!r}, saw {self.seen!r}"
            if select.select([self.fd], [], [], left)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        before = self.seen[: match.end()]
        self.seen = self.seen[match.end() :]
        return before

    def type(self, text: str) -> None:
        """As if on the keyboard."""
        os.write(self.fd, text.encode())

    def run(self, line: str) -> str:
        """Type a line, and what it printed until the next prompt."""
        self.type(line + "\n")
        self.expect(re.escape(line) + "\r\n")
        return self.expect("PROMPT ").removesuffix("PROMPT ").replace("\r", "")

    def foreground(self) -> int:
        """The process group that has the terminal."""
        return os.tcgetpgrp(self.fd)

    def fg(self, seconds: float = 30) -> None:
        """Type fg, and return at once when the job is in front and goes on.

        The shell first gives it the terminal, then continues it. The kernel forgets a
        Ctrl-Z that comes in between, whatever program it is meant for.
        """
        wait_for(lambda: self.foreground() == self.pid, "the shell to be in front")
        end = time.monotonic() + seconds
        self.type("fg\n")
        while (job := self.foreground()) == self.pid or is_stopped(job):
            assert time.monotonic() < end, "the job did not stay in front"

    def close(self) -> None:
        """End the shell and whatever it started."""
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.fixture
def terminal(plash: Bench) -> Iterator[Terminal]:
    """A terminal of the person's."""
    made = Terminal(plash)
    yield made
    made.close()


@pytest.fixture(params=["", " --isolate"], ids=["run", "isolate"])
def run(request: pytest.FixtureRequest, plash: Bench, image: str) -> str:
    """The beginning of a command line that runs in the image, either way."""
    return f"{plash.program} run{request.param} {image}"


@pytest.fixture
def isolated(run: str) -> bool:
    """Whether the image has processes of its own."""
    return "--isolate" in run


def test_ctrl_c_interrupts_the_command(terminal: Terminal, run: str) -> None:
    terminal.type(f"{run} sh -c 'echo in; exec sleep 1000'\n")
    terminal.expect("in\r\n")
    terminal.type("\x03")
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?") == "130\n"


def test_ctrl_c_is_the_commands_to_handle(terminal: Terminal, run: str) -> None:
    script = "trap 'echo caught; exit 3' INT; echo in; while :; do sleep 0.05; done"
    terminal.type(f'{run} sh -c "{script}"\n')
    terminal.expect("in\r\n")
    terminal.type("\x03")
    terminal.expect("caught\r\n")
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?") == "3\n"


def test_ctrl_z_stops_it_and_fg_goes_on(terminal: Terminal, run: str) -> None:
    terminal.type(f"{run} sh -c 'echo in; read x; echo got $x; exit 4'\n")
    terminal.expect("in\r\n")
    for _ in range(2):
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.expect("PROMPT ")
        assert "Stopped" in terminal.run("jobs")
        terminal.fg()
    terminal.type("word\n")
    terminal.expect("got word\r\n")
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?") == "4\n"


def test_ctrl_z_at_once_after_fg_stops_it_once(terminal: Terminal, run: str) -> None:
    terminal.type(f"{run} sh -c 'echo in; read x; echo got $x; exit 4'\n")
    terminal.expect("in\r\n")
    for _ in range(50):  # the first Ctrl-Z finds it still on its way back
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.expect("PROMPT ")
        assert "Stopped" in terminal.run("jobs")
        terminal.fg(5)
    terminal.type("word\n")
    terminal.expect("got word\r\n")


def test_after_fg_ctrl_c_still_arrives(terminal: Terminal, run: str) -> None:
    terminal.type(f"{run} sh -c 'echo in; exec sleep 1000'\n")
    terminal.expect("in\r\n")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.expect("PROMPT ")
    terminal.fg()
    terminal.type("\x03")
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?") == "130\n"


def test_in_the_background_it_goes_on_and_takes_no_terminal(
    terminal: Terminal, run: str, isolated: bool, playground: Path
) -> None:
    go = playground / "go"
    os.mkfifo(go)
    go.chmod(0o666)
    if isolated:
        run = run.replace("--isolate", f"--isolate -v {playground}:/mnt{playground}")
    terminal.run(f"{run} sh -c 'read x </mnt{go}; exit 6' &")
    terminal.run(f"echo >{go}; wait %1; echo $? >{playground}/status")
    assert (playground / "status").read_text() == "6\n"
    assert terminal.foreground() == terminal.pid


def test_a_shell_inside_has_job_control(terminal: Terminal, run: str) -> None:
    terminal.type(f"{run} sh -i\n")
    terminal.expect("# ")
    shell = terminal.foreground()
    for keys in ("\x1a", "\x03"):
        terminal.type("fg\n" if keys == "\x03" else "sleep 1000\n")
        wait_for(lambda: terminal.foreground() != shell, "the job to be in front")
        terminal.type(keys)
        wait_for(lambda: terminal.foreground() == shell, "the shell to be in front")
        terminal.expect("# ")
    terminal.type("exit 8\n")
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?").endswith("8\n")


def test_a_stopped_job_does_not_outlive_its_shell(
    plash: Bench, terminal: Terminal, run: str
) -> None:
    terminal.type(f"{run} sh -i\n")
    terminal.expect("# ")
    shell = terminal.foreground()
    terminal.type("sleep 1000\n")
    wait_for(lambda: terminal.foreground() != shell, "the job to be in front")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.expect("# ")
    terminal.type("kill -9 $$\n")
    terminal.expect("PROMPT ")
    wait_for(lambda: leftovers(plash.store) == [], "the stopped job to end")


def test_a_shell_killed_inside_gives_the_terminal_back(
    plash: Bench, terminal: Terminal, run: str
) -> None:
    terminal.type(f"{run} sh -i\n")
    terminal.expect("# ")
    terminal.type("stty -echo raw; kill -9 $$\n")
    terminal.expect("PROMPT ")
    terminal.run("echo $?")
    assert terminal.foreground() == terminal.pid
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    assert leftovers(plash.store) == []


def test_the_helper_killed_the_shell_has_its_terminal_again(
    plash: Bench, terminal: Terminal, run: str
) -> None:
    terminal.type(f"{run} sh -c 'echo in; exec sleep 1000'\n")
    terminal.expect("in\r\n")
    wait_for(lambda: terminal.foreground() != terminal.pid, "the job to be in front")
    os.kill(terminal.foreground(), signal.SIGKILL)
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?").endswith("137\n")
    wait_for(lambda: leftovers(plash.store) == [], "the keeper to tidy up")


def test_a_new_size_is_told(terminal: Terminal, run: str) -> None:
    script = "trap 'stty size; exit 5' WINCH; echo in; while :; do sleep 0.05; done"
    terminal.type(f'{run} sh -c "{script}"\n')
    terminal.expect("in\r\n")
    termios.tcsetwinsize(terminal.fd, (33, 77))
    terminal.expect("33 77\r\n")
    terminal.expect("PROMPT ")
    assert terminal.run("echo $?") == "5\n"


def test_the_terminal_has_its_names_inside(terminal: Terminal, run: str) -> None:
    script = "echo con >/dev/console; echo tty >/dev/tty; test -t 0 && echo is"
    if "--isolate" not in run:
        script = script.replace("/dev/console", "/dev/tty")
    terminal.type(f"{run} sh -c '{script}'\n")
    terminal.expect("con\r\ntty\r\nis\r\n")
    terminal.expect("PROMPT ")


def test_the_terminals_owner_and_mode_are_the_callers(
    terminal: Terminal, run: str, isolated: bool
) -> None:
    """A program inside would let everybody read along and write."""
    if not isolated:
        pytest.skip("the plain run has no fence")
    script = "for f in 0 1 2 tty console; do chmod 777 /dev/$f /proc/self/fd/$f; done"
    terminal.type(
        f"stat -c %a $(tty); {run} sh -c '{script}; echo tried' 2>/dev/null\n"
    )
    mode = terminal.expect(r"([0-7]{3})\r\n")
    terminal.expect("tried\r\n")
    terminal.expect("PROMPT ")
    assert terminal.run("stat -c %a $(tty)").strip() in mode


def test_only_the_plain_run_can_type_into_the_terminal(
    plash: Bench, terminal: Terminal, image: str, run: str, isolated: bool
) -> None:
    """TIOCSTI would let an image type commands into the shell that ran it."""
    setting = Path("/proc/sys/dev/tty/legacy_tiocsti")
    if not isolated and setting.exists() and setting.read_text() == "0\n":
        pytest.skip("this kernel lets nobody type")
    child = with_programs(plash, image, "perl")
    run = run.removesuffix(f" {image}") + f" {child}"
    # The kernel looks at the low half of the request alone.
    for request in ("0x5412", "0x5412 + (1 << 32)"):
        script = (
            f"$c = qq(x); print ioctl(STDIN, {request}, $c) ? qq(typed) : qq(no $!)"
        )
        terminal.type(f"{run} perl -e '{script}; print qq(\\n)'\n")
        answer = terminal.expect(r"(no [\w ]*|x?typed)\r\n")
        assert ("no Operation not permitted" in answer) == isolated
        terminal.expect("PROMPT ")
        terminal.type("\x03")  # takes back what was typed
        terminal.expect("PROMPT ")
