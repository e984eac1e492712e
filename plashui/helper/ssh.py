"""The user's own `ssh`, with a tunnel from there to a port of this machine.

A script runs there, by `sh`. It gets its text on its standard input, which stays open
until it ended or is not wanted any more: the end of the input tells it, also if this
process or ssh is killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper.process import wait_for_children

if TYPE_CHECKING:
    import subprocess
    from typing import Final

COMMAND: Final = "PLASH_SSH"
"""The variable with another command for ssh, and options: `ssh -F FILE`."""
FAILED: Final = 255
"""The status of ssh when the connection was the trouble."""
_OPTIONS: Final = (
    "-T",
    # A master of the user's would keep the tunnel open when this is over.
    *("-o", "ControlPath=none"),
    *("-o", "LogLevel=INFO"),  # it tells the port
    *("-o", "ServerAliveInterval=30"),  # of one that is cut off it hears nothing
)
_PORT: Final = re.compile(rb"Allocated port (\d{1,5}) for remote forward to (\S+)")
_REFUSED: Final = b"remote port forwarding failed for listen port 0"
_PATIENCE: Final = 15.0  # seconds in which the script tidies up
_TICK: Final = 0.5  # seconds between looks for a cancel


class Outcome(NamedTuple):
    """How it ended. `port` is that of the tunnel there; None if there was none.

    `refused`: ssh was let in, but may not have a tunnel.
    """

    status: int
    port: int | None
    refused: bool


def run_there(
    place: Sequence[str],
    port: int,
    script: Callable[[int], str],
    *,
    on_line: Callable[[str], None],
    on_said: Callable[[str], None],
    may_ask: bool = True,
    cancel: Cancel | None = None,
) -> Outcome:
    """Run a script at a place (words for ssh), with a tunnel to a port here.

    `script` makes it, from the port of the tunnel there, once that is open. `on_line`
    gets each line of its output, `on_said` each that it or ssh says to people.
    Without `may_ask` ssh asks for no password.
    """
    here = f"127.0.0.1:{port}"
    words = [*_command(), *_OPTIONS, "-R", f"127.0.0.1:0:{here}"]
    if not may_ask:
        words += ["-o", "BatchMode=yes"]
    there: int | None = None
    refused = False
    with _started([*words, *place, "sh"]) as ssh:
        for is_said, line in _lines(ssh.process, cancel):
            found = _PORT.search(line) if is_said and there is None else None
            if found is not None and found[2].decode() == here:
                there = int(found[1])
                ssh.send(script(there))
            elif is_said and there is None and _REFUSED in line:
                refused = True
                break
            else:
                tell = on_said if is_said else on_line
                tell(line.decode("utf-8", "surrogateescape"))
        if not refused:
            ssh.process.wait()
    return Outcome(ssh.process.returncode, there, refused)


class _Ssh:
    """A running ssh."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._was_sent = False

    def send(self, text: str) -> None:
        """Give the script its text, and keep its input open."""
        assert self.process.stdin is not None  # noqa: S101 - the pipe was asked for
        self._was_sent = True
        with contextlib.suppress(BrokenPipeError):  # it ends, and says why
            self.process.stdin.write(text.encode("utf-8", "surrogateescape"))
            self.process.stdin.flush()

    def end(self) -> None:
        """End it: a script that runs there first tidies up."""
        import subprocess

        process = self.process
        assert process.stdin is not None  # noqa: S101 - the pipe was asked for
        with contextlib.suppress(OSError):
            process.stdin.close()
        if not self._was_sent:
            process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def _started(words: Sequence[str]) -> Iterator[_Ssh]:
    import subprocess

    wait_for_children()
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise PlashError(
            f"cannot start {words[0]}: {error.strerror}",
            f"Install openssh-client, or name another command in {COMMAND}",
        ) from error
    ssh = _Ssh(process)
    try:
        yield ssh
    finally:
        ssh.end()


def _command() -> list[str]:
    """Return the words that start ssh."""
    chosen = os.environ.get(COMMAND, "")
    try:
        return shlex.split(chosen) or ["ssh"]
    except ValueError as error:
        raise PlashError(f"{COMMAND} is not a command: {error}") from error


def _lines(
    process: subprocess.Popen[bytes], cancel: Cancel | None
) -> Iterator[tuple[bool, bytes]]:
    """Give the lines of both outputs as they come, with whether it is the second."""
    import selectors

    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            assert stream is not None  # noqa: S101 - the pipes were asked for
            selector.register(stream, selectors.EVENT_READ, bytearray())
        while selector.get_map():
            for key, _mask in selector.select(_TICK):
                data = os.read(key.fd, 1 << 16)
                key.data.extend(data)
                *lines, rest = key.data.replace(b"\r", b"\n").split(b"\n")
                key.data[:] = rest
                if not data:
                    selector.unregister(key.fileobj)
                    lines.append(rest)
                for line in lines:
                    if line:
                        yield key.fileobj is process.stderr, bytes(line)
            if cancel is not None and cancel.is_set():
                raise Cancelled
