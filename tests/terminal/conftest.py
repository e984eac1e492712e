"""A real terminal to look at: the product inside tmux, as a person uses it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import cannot, playground_in
from tests.people import Person
from tests.tools import wait_for

BLINK: Final = 0.05
"""Seconds between two looks at a screen: each starts a program."""


class Terminal:
    """A shell in a tmux window of its own server: keys in, the screen out."""

    def __init__(self, person: Person, directory: Path, store: Path) -> None:
        """Start it; nothing of the person's own tmux is touched."""
        self.person = person
        self._tmux = ["tmux", "-S", str(directory / "socket"), "-f", "/dev/null"]
        self._env = {
            "PLASH_DATA": str(store),
            "PS1": "shell> ",
            "TMUX": "",
            "ENV": "",
            "TEXTUAL_ANIMATIONS": "none",
            # What other tests typed in the app's forms is not remembered here.
            "XDG_STATE_HOME": str(directory / "state"),
        }
        size = ["-x", "120", "-y", "32"]
        self.tmux("new-session", "-d", *size, "bash", "--norc", "--noprofile")
        self.tmux("set", "-g", "escape-time", "0")
        self.shows("shell>")

    def tmux(self, *words: str) -> str:
        """Give tmux a command; what it prints."""
        return self.person.run([*self._tmux, *words], env=self._env, check=True).stdout

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names (Enter, C-c, Escape, j …)."""
        self.tmux("send-keys", *keys)

    def press_and_look(self, key: str) -> None:
        """Press a key, and go on when it shows, if only as another colour."""

        def picture() -> str:
            return self.tmux("capture-pane", "-p", "-e")

        before = picture()
        self.press(key)
        self.until(lambda _screen: picture() != before, f"an answer to {key}")

    def type(self, text: str) -> None:
        """Type a line, look at it, and press Enter."""
        self.tmux("send-keys", "-l", text)
        last = text.split()[-1][-12:]

        def typed(screen: str) -> bool:
            # A shell breaks its long lines itself.
            return last in screen.replace("\n", "")

        self.until(typed, f"{last!r}")
        self.tmux("send-keys", "Enter")

    def resize(self, width: int, height: int) -> None:
        """Make the window another size, and wait until its terminal has it."""
        self.tmux("resize-window", "-x", str(width), "-y", str(height))
        stty = ["stty", "-F", self.ask("#{pane_tty}"), "size"]
        new_size = f"{height} {width}"  # tmux tells the terminal a little later
        wait_for(
            lambda: self.person.run(stty).stdout.strip() == new_size,
            new_size,
            pause=BLINK,
        )

    def screen(self) -> str:
        """What is on the screen now."""
        return self.tmux("capture-pane", "-p")

    def until(
        self, condition: Callable[[str], object], what: str, seconds: float = 90
    ) -> str:
        """Wait for a condition of the screen; the screen then.

        A failure shows what the screens were.
        """
        seen: list[str] = []

        def looked() -> object:
            screen = self.screen()
            if screen not in seen[-1:]:
                seen[6:] = [screen]
            return condition(screen)

        try:
            wait_for(looked, what, seconds, pause=BLINK)
        except AssertionError:
            screens = "\n=====\n".join(seen)
            pytest.fail(f"waited in vain for {what}; on the screen was\n{screens}")
        return self.screen()

    def shows(self, *texts: str, seconds: float = 90) -> str:
        """Wait until all texts are on the screen; the screen."""
        what = f"{texts} on the screen"
        return self.until(lambda screen: all(t in screen for t in texts), what, seconds)

    def shows_last(self, text: str) -> None:
        """Wait until a text is on the lowest line."""
        height = int(self.ask("#{pane_height}"))
        self.until(lambda screen: text in screen.split("\n")[height - 1], f"{text!r}")

    def press_until(self, key: str, text: str) -> str:
        """Press a key until it is heard: for a moment after a shell none is."""

        def heard(_screen: str) -> bool:
            self.press(key)
            return text in self.screen()

        return self.until(heard, f"{text!r}")

    def shows_no_more(self, text: str) -> str:
        """Wait until a text is off the screen; the screen."""
        return self.until(lambda screen: text not in screen, f"{text!r} to go")

    def ask(self, what: str) -> str:
        """The value of a tmux format, such as `#{pane_pid}`."""
        return self.tmux("display-message", "-p", what).strip()

    def shell(self) -> int:
        """The pid of the shell in the window."""
        return int(self.ask("#{pane_pid}"))

    def runs(self, *words: str) -> None:
        """Wait until a command has the terminal: only then are keys for it."""
        line = "\0".join(words) + "\0"

        def in_front() -> bool:
            for pid in descendants(self.shell()):
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_text()
                    stat = Path(f"/proc/{pid}/stat").read_text()
                except OSError:
                    continue
                state, _parent, group, _session, _tty, front, *_rest = stat.rpartition(
                    ")"
                )[2].split()
                if command == line and group == front and state == "S":
                    return True
            return False

        wait_for(in_front, f"{words} to run", pause=BLINK)

    def close(self) -> None:
        """End the server and all in it."""
        pid = self.ask("#{pid}")
        self.person.run([*self._tmux, "kill-server"], env=self._env)
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), "tmux to end")


@pytest.fixture
def playground(
    memory: Path, person: Person, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """In memory: ext4 is slow at making ten thousand images where as many have gone."""
    yield from playground_in(memory, person, request.node.name)


@pytest.fixture
def terminal(person: Person, playground: Path, store: Path) -> Iterator[Terminal]:
    """A terminal whose shell has the store in its environment."""
    if not shutil.which("tmux"):
        cannot("tmux is not installed")
    made = Terminal(person, playground, store)
    yield made
    made.close()


def running(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    stack = [pid]
    while stack:
        below = parents.get(stack.pop(), [])
        found += below
        stack += below
    return found


def command_line(pid: int) -> bytes:
    """The words of a process, each ended by a NUL; b"" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended
        return b""


def kill_app(terminal: Terminal) -> None:
    """Kill the app (the Python process in the window) with SIGKILL."""
    processes = {pid: command_line(pid) for pid in descendants(terminal.shell())}
    python = [
        pid
        for pid, line in processes.items()
        if b"plashui" in line and b"python" in line
    ]
    assert python, "the app runs"
    os.kill(python[0], signal.SIGKILL)


Count = Callable[[int], None]


@pytest.fixture
def many(store: Path, person: Person) -> Count:
    """Fill the store with empty layers, as the old program leaves them."""

    def fill(count: int) -> None:
        program = person.program(__file__, "many_layers.py")
        words = ["/usr/bin/python3", program, store, str(count)]
        person.run(words, check=True)

    return fill
