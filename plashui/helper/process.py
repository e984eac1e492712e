"""Processes of the C helper: starting them, reading their output, ending them.

A verb of the helper reports status events on its own pipe (`--status-fd`, one JSON
object a line). It ends when its lifeline, another pipe, is closed; the kernel closes
that even if this process is killed.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper.program import program

if TYPE_CHECKING:
    import subprocess  # importing it takes longer than most verbs
    from typing import IO, Any, Final

    Status = Callable[[dict[str, Any]], None]

_TICK: Final = 0.1  # seconds between calls of on_tick
_LOOK: Final = 1.0  # seconds between checks for a hanging child without on_tick
_PATIENCE: Final = 8.0  # seconds a child has to end after its lifeline is cut
_SAID: Final = 1 << 16  # bytes of standard error that are kept
_PIECE: Final = 1 << 18
_PIPE: Final = 1 << 20
"""The bytes of a pipe for data: the two programs then seldom wait for each other."""
_ERROR: Final = "plash error: "

_at_work: Final[set[subprocess.Popen[bytes]]] = set()


class Outcome(NamedTuple):
    """The exit status of a helper (-N: killed by signal N) and its output."""

    status: int
    stdout: bytes
    stderr: str


class _Child:
    """A running helper, and the pipes to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], lifeline: int, status: int
    ) -> None:
        self.process, self.lifeline, self.status = process, lifeline, status
        self.deadline: float | None = None

    def cut(self) -> None:
        """Close the lifeline: the helper then ends itself and its children."""
        lifeline, self.lifeline = self.lifeline, -1
        if lifeline >= 0:
            self.deadline = time.monotonic() + _PATIENCE
            os.close(lifeline)

    def hangs(self) -> bool:
        """Kill the helper if it outlived its cut lifeline; return whether it did."""
        if self.deadline is None or time.monotonic() < self.deadline:
            return False
        self.process.kill()
        return True


def wait_for_children() -> None:
    """Make sure that the exit status of children can be read.

    This process may inherit an ignored SIGCHLD. The kernel then discards the statuses
    of children, and each would seem to have succeeded.
    """
    import signal
    import threading

    if signal.getsignal(signal.SIGCHLD) != signal.SIG_IGN:
        return
    if threading.current_thread() is not threading.main_thread():
        raise PlashError(
            "cannot start plash: the signal SIGCHLD is ignored",
            "Stop ignoring it, or call this from the main thread first",
        )
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


@contextlib.contextmanager
def _started(
    words: Sequence[str],
    stdin: int | IO[bytes],
    pass_fds: Sequence[int],
    environment: Mapping[str, str] | None,
) -> Iterator[_Child]:
    import subprocess

    wait_for_children()
    path = program()
    lifeline_ours, status_ours = -1, -1
    theirs: list[int] = []
    try:
        lifeline, lifeline_ours = os.pipe()
        theirs.append(lifeline)
        status_ours, status = os.pipe()
        theirs.append(status)
        options = ["--status-fd", str(status), "--lifeline-fd", str(lifeline)]
        argv = [path, words[0], *options, *words[1:]]
        process = subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[*theirs, *pass_fds],
            env=environment,
        )
    except OSError as error:
        for end in (lifeline_ours, status_ours):
            if end >= 0:
                os.close(end)
        raise PlashError(f"cannot start plash: {error.strerror}") from error
    finally:
        for end in theirs:
            os.close(end)
    child = _Child(process, lifeline_ours, status_ours)
    _at_work.add(process)
    try:
        yield child
    finally:
        child.cut()
        os.close(child.status)
        _reap(process)
        _at_work.discard(process)


def kill_all() -> None:
    """Kill every helper, because this process is about to end and one may hang.

    Others would also end by themselves, when their lifelines are closed.
    """
    for process in list(_at_work):
        process.kill()


def _reap(process: subprocess.Popen[bytes]) -> None:
    import subprocess

    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def call(
    words: Sequence[str],
    *,
    stdin: int | IO[bytes] | None = None,
    feed: Callable[[IO[bytes]], None] | None = None,
    on_status: Status | None = None,
    on_line: Callable[[bytes], None] | None = None,
    on_said: Callable[[bytes], None] | None = None,
    on_data: Callable[[bytes], object] | None = None,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
    pass_fds: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a helper verb to its end.

    `feed` writes its standard input, in a thread. `on_status` gets each status event,
    `on_line` each line of standard output, `on_data` instead each piece of it (which
    is then not returned), `on_said` each line of standard error; `on_tick` is called
    about ten times a second. `pass_fds` stay open in the helper.
    Raises Cancelled, once the helper has ended or been killed, if `cancel` was set
    before it succeeded.
    """
    if cancel is not None:
        cancel.check()
    import subprocess

    if feed:
        stdin = subprocess.PIPE
    elif stdin is None:
        stdin = subprocess.DEVNULL
    with _started(words, stdin, pass_fds, environment) as child:
        if cancel is not None:
            cancel.on_cancel(child.cut)
        feeder = _Feeder(child, feed) if feed else None
        try:
            output = _listen(child, on_status, on_line, on_said, on_data, on_tick)
            if child.deadline is None:
                child.process.wait()
            else:
                _reap(child.process)
        except KeyboardInterrupt:
            feeder = None  # it may block on input; it ends with this process
            raise
        except BaseException:
            child.cut()
            raise
        finally:
            if cancel is not None:
                cancel.forget(child.cut)
            if feeder:
                feeder.join(None if child.deadline is None else _PATIENCE)
        status = child.process.returncode
    if cancel is not None and cancel.is_set() and status != 0:
        raise Cancelled
    if feeder and feeder.trouble is not None:
        raise feeder.trouble
    return _outcome(status, output)


@contextlib.contextmanager
def in_background(
    words: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[Callable[[], Outcome]]:
    """Run a helper verb during the block and end it with the block.

    The block gets a function that waits for the verb's end. Until it is called, nobody
    reads the verb's output, and the verb blocks when a pipe is full.
    """
    import subprocess

    with _started(words, subprocess.DEVNULL, (), environment) as child:

        def ended() -> Outcome:
            output = _listen(child, None, None, None, None, None)
            return _outcome(child.process.wait(), output)

        yield ended


@contextlib.contextmanager
def conversation(words: Sequence[str]) -> Iterator[Callable[[bytes], bytes]]:
    """Run a helper verb during the block that answers what it is told.

    The block gets a function that says something and returns the answer: both begin
    with their length, 4 bytes, little endian. Threads may share it.
    """
    import subprocess
    import threading

    with _started(words, subprocess.PIPE, (), None) as child:
        lock = threading.Lock()
        said, answer = child.process.stdin, child.process.stdout
        assert said is not None  # noqa: S101 - the pipes were asked for
        assert answer is not None  # noqa: S101

        def ask(data: bytes) -> bytes:
            with (
                lock,
                contextlib.suppress(BrokenPipeError),
            ):  # it has ended, and says why
                said.write(len(data).to_bytes(4, "little") + data)
                said.flush()
                length = answer.read(4)
                found = answer.read(int.from_bytes(length, "little"))
                if len(length) == 4:
                    return found
            output = _listen(child, None, None, None, None, None)
            raise failure(_outcome(child.process.wait(), output), words[0])

        yield ask
        said.close()


def _outcome(status: int, output: tuple[bytes, bytes]) -> Outcome:
    return Outcome(status, output[0], output[1].decode("utf-8", "surrogateescape"))


class _Feeder:
    """Writes a helper's standard input in a thread and keeps an error from it."""

    def __init__(self, child: _Child, feed: Callable[[IO[bytes]], None]) -> None:
        import threading

        self.child, self.feed = child, feed
        self.trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self, seconds: float | None) -> None:
        """Wait at most this long until all is written."""
        self._thread.join(seconds)

    def _run(self) -> None:
        stream = self.child.process.stdin
        assert stream is not None  # noqa: S101 - the pipe was asked for
        try:
            self.feed(stream)
            stream.close()
        except BrokenPipeError:
            pass  # the helper ended first and says why
        except BaseException as error:  # handed to the caller
            self.trouble = error
            # Not an end of file: the helper must not take half the input for all.
            self.child.cut()
            self.child.process.terminate()


def _listen(
    child: _Child,
    on_status: Status | None,
    on_line: Callable[[bytes], None] | None,
    on_said: Callable[[bytes], None] | None,
    on_data: Callable[[bytes], object] | None,
    on_tick: Callable[[], None] | None,
) -> tuple[bytes, bytes]:
    """Read the child's pipes until it closes them; return its output and messages."""
    import fcntl
    import selectors

    process = child.process
    assert process.stdout is not None  # noqa: S101 - the pipe was asked for
    assert process.stderr is not None  # noqa: S101
    stdout, status = process.stdout.fileno(), child.status
    stderr = process.stderr.fileno()
    held = {stdout: bytearray(), status: bytearray(), stderr: bytearray()}
    said = bytearray()
    if on_data:
        with contextlib.suppress(OSError):  # what a person has in pipes is limited
            fcntl.fcntl(stdout, fcntl.F_SETPIPE_SZ, _PIPE)
    next_tick = time.monotonic() + _TICK
    with selectors.DefaultSelector() as selector:
        for descriptor in held:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            # The timeout is for checking whether the helper hangs.
            for key, _mask in selector.select(_TICK if on_tick else _LOOK):
                data = os.read(key.fd, _PIECE)
                if key.fd == stdout and on_data:
                    on_data(data)
                else:
                    held[key.fd] += data
                if key.fd == stderr:
                    said = (said + data)[-_SAID:]
                if not data:
                    selector.unregister(key.fd)
                if key.fd == status:
                    for line in _lines(held[status]):
                        _tell(line, on_status)
                elif key.fd == stdout and on_line:
                    for line in _lines(held[stdout]):
                        on_line(line)
                elif key.fd == stderr:
                    # The last line may have no newline.
                    for line in _lines(held[stderr], whole=bool(data)):
                        if on_said:
                            on_said(line)
            if child.hangs():
                break
            if on_tick and time.monotonic() >= next_tick:
                on_tick()
                next_tick = time.monotonic() + _TICK
    return bytes(held[stdout]), bytes(said)


def _lines(buffer: bytearray, *, whole: bool = True) -> list[bytes]:
    """Remove the complete lines from the buffer; if not `whole`, also the rest."""
    if not whole and buffer and not buffer.endswith(b"\n"):
        buffer += b"\n"
    head, newline, rest = buffer.rpartition(b"\n")
    if not newline:
        return []
    buffer[:] = rest
    return bytes(head).split(b"\n")


def _tell(line: bytes, on_status: Status | None) -> None:
    """Pass on a status event; ignore an invalid one."""
    import json

    if on_status is not None:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            event = json.loads(line)
            if isinstance(event, dict):
                on_status(event)


def failure(outcome: Outcome, what: str) -> PlashError:
    """Return the error for a failed helper: its own message, else `what` failed."""
    lines = [line for line in outcome.stderr.splitlines() if line.strip()]
    own = [line for line in lines if line.startswith(_ERROR)]
    if own:
        return PlashError(own[-1].removeprefix(_ERROR))
    if outcome.status < 0:
        name = signal_name(-outcome.status)
        return PlashError(f"{what}: the helper was killed by {name}")
    last = f": {lines[-1]}" if lines else ""
    if not outcome.status:
        return PlashError(f"{what}: the helper ended early{last}")
    return PlashError(f"{what} failed with status {outcome.status}{last}")


def signal_name(number: int) -> str:
    """Return a signal's name (`SIGKILL`); `signal 40` for one without a name."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
