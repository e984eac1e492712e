"""A program on a pty, typed into and read from as a person does."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.people import Person

_STYLE = re.compile(
    r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>]|\x1b\([A-Z0-9]"
)


class Keyboard:
    """The keys of a program's terminal, and what it has shown so far."""

    def __init__(self, fd: int) -> None:
        """Type into this side of a pty."""
        self.fd = fd
        self.raw = ""
        self._read_to = 0

    def press(self, text: str) -> None:
        """As if on the keyboard."""
        os.write(self.fd, text.encode())

    def shows(self, pattern: str, seconds: float = 30) -> str:
        """Read until the pattern appears in what is new; all up to it, unstyled."""
        end = time.monotonic() + seconds
        while True:
            seen = _STYLE.sub("", self.raw[self._read_to :]).replace("\r", "")
            if re.search(pattern, seen):
                self._read_to = len(self.raw)
                return seen
            left = end - time.monotonic()
            assert left > 0, f"waited in vain for {pattern!r}, saw {seen!r}"
            if not self._more(left):
                raise AssertionError(f"it ended without {pattern!r}: {seen!r}")

    def rest(self) -> str:
        """All it has shown, to its end."""
        while self._more(30):
            pass
        return self.raw

    def _more(self, seconds: float) -> bool:
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # the other side is closed
                return False
            self.raw += data.decode(errors="replace")
            return bool(data)
        return True


@contextmanager
def at_a_terminal(
    person: Person, words: Sequence[object], env: Mapping[str, str], cwd: Path
) -> Iterator[Keyboard]:
    """Run a program of the person's on a terminal of 120 cells; ended at the end."""
    argv = person.argv(words)
    pid, fd = pty.fork()
    if pid == 0:
        person.give(Path(os.ttyname(0)))  # as a login does
        os.chdir(cwd)
        os.execvpe(argv[0], argv, person.environment(env))  # noqa: S606 - a pty's child
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    try:
        yield Keyboard(fd)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(fd)
