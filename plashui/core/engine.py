"""The border to the C helper: the only module that starts programs.

The helper does what needs the kernel. Its verbs get their words as arguments, report
on a pipe of their own (`--status-fd`, one JSON object a line), and end when the pipe
they were given as a lifeline is closed, which the kernel does for us even if this
process is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from plashui.core.errors import Cancelled, PlashError
from plashui.core.forest import Usage
from plashui.core.progress import Cancel, Progress, Report, silent

OWN_VERBS: Final = frozenset(
    {
        *("run", "run:persist", "mounted", "chroot", "sudo"),
        *("data", "nodepath", "parent", "id", "version"),
    }
)
"""The verbs for people that the helper does itself, with no Python started."""

_TICK: Final = 0.1  # seconds between looks at the progress of a child
_PATIENCE: Final = 8.0  # seconds a child has to end after its lifeline is cut
_ERROR: Final = "plash error: "
_ARGUMENTS: Final = 96 * 1024  # bytes of operands given to one helper

Status = Callable[[dict[str, Any]], None]


def helper() -> str:
    """The path of the C program: $PLASHUI_HELPER, else where this is installed."""
    chosen = os.environ.get("PLASHUI_HELPER")
    if chosen:
        return chosen
    for start in (sys.executable, sys.argv[0]):
        beside = Path(start).parent / "plash"
        if start and beside.is_file():
            return str(beside)
    import shutil

    found = shutil.which("plash")
    if found is None:
        raise PlashError("the program plash is missing", "Install plashui again")
    return found


class Outcome(NamedTuple):
    """How a helper ended: its exit status and what it wrote."""

    status: int
    stdout: bytes
    stderr: str


@dataclass(slots=True)
class _Child:
    """A running helper, the pipes to it, and what it has written so far."""

    process: subprocess.Popen[bytes]
    lifeline: int
    status: int

    def cut(self) -> None:
        """Let go of the lifeline: the helper ends itself and its children."""
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1


@contextlib.contextmanager
def _started(words: Sequence[str], stdin: int | IO[bytes]) -> Iterator[_Child]:
    lifeline_ours, status_ours = -1, -1
    theirs: list[int] = []
    try:
        lifeline, lifeline_ours = os.pipe()
        theirs.append(lifeline)
        status_ours, status = os.pipe()
        theirs.append(status)
        options = ["--status-fd", str(status), "--lifeline-fd", str(lifeline)]
        argv = [helper(), words[0], *options, *words[1:]]
        process = subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=theirs,
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
    try:
        yield child
    finally:
        child.cut()
        os.close(child.status)
        _reap(process)


def _reap(process: subprocess.Popen[bytes]) -> None:
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
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    feed: Callable[[IO[bytes]], None] | None = None,
    on_status: Status | None = None,
    on_line: Callable[[bytes], None] | None = None,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> Outcome:
    """Run a helper verb to its end.

    `feed` writes its standard input, in a thread. `on_status` gets each event,
    `on_line` each line of its output as it comes (which is then not returned), and
    `on_tick` runs about ten times a second. Raises Cancelled if `cancel` was set
    before the helper was done; it is gone by then.
    """
    if cancel is not None:
        cancel.check()
    with _started(words, subprocess.PIPE if feed else stdin) as child:
        if cancel is not None:
            cancel.on_cancel(child.cut)
        feeder = _Feeder(child, feed) if feed else None
        try:
            output = _listen(child, on_status, on_line, on_tick)
            child.process.wait()
        finally:
            if cancel is not None:
                cancel.forget(child.cut)
            if feeder:
                feeder.join()
        status = child.process.returncode
    if cancel is not None and cancel.is_set() and status != 0:
        raise Cancelled
    if feeder and feeder.trouble is not None:
        raise feeder.trouble
    return Outcome(status, output[0], output[1].decode("utf-8", "surrogateescape"))


class _Feeder(threading.Thread):
    """Writes a helper's standard input; keeps what went wrong on the way."""

    def __init__(self, child: _Child, feed: Callable[[IO[bytes]], None]) -> None:
        super().__init__(daemon=True)
        self.child, self.feed = child, feed
        self.trouble: BaseException | None = None
        self.start()

    def run(self) -> None:
        stream = self.child.process.stdin
        assert stream is not None  # noqa: S101 - the pipe was asked for
        try:
            self.feed(stream)
            stream.close()
        except BrokenPipeError:
            pass  # it ended first; its own words say why
        except BaseException as error:  # handed to the caller
            self.trouble = error
            # No end of file: half an input must not look like a whole one.
            self.child.cut()
            self.child.process.terminate()


def _listen(
    child: _Child,
    on_status: Status | None,
    on_line: Callable[[bytes], None] | None,
    on_tick: Callable[[], None] | None,
) -> tuple[bytes, bytes]:
    """Read all its pipes until it has closed them."""
    process = child.process
    assert process.stdout is not None  # noqa: S101 - the pipes were asked for
    assert process.stderr is not None  # noqa: S101
    stdout, stderr = process.stdout.fileno(), process.stderr.fileno()
    status = child.status
    held = {stdout: bytearray(), stderr: bytearray(), status: bytearray()}
    next_tick = time.monotonic() + _TICK
    with selectors.DefaultSelector() as selector:
        for descriptor in held:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            for key, _mask in selector.select(_TICK if on_tick else None):
                data = os.read(key.fd, 65536)
                held[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
                if key.fd == status:
                    for line in _lines(held[status]):
                        _tell(line, on_status)
                elif key.fd == stdout and on_line:
                    for line in _lines(held[stdout]):
                        on_line(line)
            if on_tick and time.monotonic() >= next_tick:
                on_tick()
                next_tick = time.monotonic() + _TICK
    return bytes(held[stdout]), bytes(held[stderr])


def _lines(buffer: bytearray) -> list[bytes]:
    """Take the whole lines out of the buffer."""
    head, newline, rest = buffer.rpartition(b"\n")
    if not newline:
        return []
    buffer[:] = rest
    return bytes(head).split(b"\n")


def _tell(line: bytes, on_status: Status | None) -> None:
    if on_status is not None:
        with contextlib.suppress(ValueError):
            on_status(json.loads(line))


def failure(outcome: Outcome, what: str) -> PlashError:
    """The error a failed helper stands for: its own last line, or `what` failed."""
    lines = [line for line in outcome.stderr.splitlines() if line.strip()]
    own = [line for line in lines if line.startswith(_ERROR)]
    if own:
        return PlashError(own[-1].removeprefix(_ERROR))
    if outcome.status < 0:
        name = signal.Signals(-outcome.status).name
        return PlashError(f"{what}: the helper was killed by {name}")
    last = f": {lines[-1]}" if lines else ""
    return PlashError(f"{what} failed with status {outcome.status}{last}")


def remove(
    store: Path,
    names: Sequence[str],
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Delete these entries of the store's tmp/, whoever their files belong to."""
    if not names:
        return

    def progress(event: dict[str, Any]) -> None:
        if event.get("ev") == "progress":
            report(Progress("removing", int(event["files"]), None, "files"))

    words = ["engine:remove", str(store), *names]
    outcome = call(words, on_status=progress, cancel=cancel)
    if outcome.status:
        raise failure(outcome, "removing")


def usage(
    store: Path,
    paths: Sequence[str],
    found: Callable[[str, Usage], None],
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Count the disk use of directories given relative to the store.

    `found` gets each as soon as it is counted; one that is gone by now is left out.
    """
    for batch in _batches(paths):

        def line(data: bytes, batch: list[str] = batch) -> None:
            value = json.loads(data)
            if not value.get("missing"):
                counted = Usage(value["allocated"], value["apparent"], value["files"])
                found(batch[value["n"]], counted)

        words = ["engine:usage", str(store), *batch]
        outcome = call(words, on_line=line, on_tick=on_tick, cancel=cancel)
        if outcome.status:
            raise failure(outcome, "counting")


def _batches(paths: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    room = _ARGUMENTS
    for path in paths:
        if batch and (room < len(path) + 9 or len(batch) >= 256):
            yield batch
            batch, room = [], _ARGUMENTS
        batch.append(path)
        room -= len(path) + 9
    if batch:
        yield batch


def commit(
    store: Path, parent: int, name: str, *, take: Path | None = None
) -> int | None:
    """Turn the work dir `name` into a child of `parent`; the new id.

    With `take`, that directory becomes the layer; None if it is on another file
    system (then nothing has changed).
    """
    options = ["--take", str(take)] if take else []
    outcome = call(["engine:commit", *options, str(store), str(parent), name])
    if outcome.status == 3 and take:
        return None
    if outcome.status:
        raise failure(outcome, "making the image")
    return int(outcome.stdout)


def copy_tree(source: Path, target: Path) -> None:
    """A faithful copy of a directory, whoever its files belong to."""
    argv = ["cp", "-a", "--reflink=auto", "--sparse=always", "-T", "--"]
    done = subprocess.run(
        [helper(), "sudo", *argv, str(source), str(target)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        text = done.stderr.decode("utf-8", "surrogateescape")
        raise failure(Outcome(done.returncode, b"", text), f"copying {source}")


def probe(store: Path | None) -> dict[str, Any]:
    """What the kernel and this system allow, as the helper found by trying."""
    outcome = call(["engine:probe", *([str(store)] if store else [])])
    if outcome.status:
        raise failure(outcome, "probing")
    found = json.loads(outcome.stdout)
    if not isinstance(found, dict):
        raise PlashError("probing: the helper gave no answer")
    return found


def foreground(
    words: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    stdout: int | None = None,
) -> int:
    """Run a people's verb of the helper on our own terminal; its exit status.

    The keyboard's signals are the command's, not ours. A command killed by signal N
    gives -N. It ends with us, also if we are killed.
    """
    lifeline, ours = os.pipe()
    try:
        argv = [helper(), words[0], "--lifeline-fd", str(lifeline), *words[1:]]
        with _keyboard_signals_held():
            process = subprocess.Popen(
                argv, env=environment, stdout=stdout, pass_fds=(lifeline,)
            )
            os.close(lifeline)
            lifeline = -1
            return process.wait()
    except OSError as error:
        raise PlashError(f"cannot start plash: {error.strerror}") from error
    finally:
        os.close(ours)
        if lifeline >= 0:
            os.close(lifeline)


def _nothing(_number: int, _frame: object) -> None:
    """Stands in for a handler; unlike SIG_IGN, exec does not hand it on to a child."""


@contextlib.contextmanager
def _keyboard_signals_held() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGQUIT)
    before = {number: signal.signal(number, _nothing) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def become(words: Sequence[str]) -> None:
    """Replace this process by the helper doing one of its own verbs."""
    try:
        os.execv(helper(), ["plash", *words])  # noqa: S606
    except OSError as error:
        raise PlashError(f"cannot start plash: {error.strerror}") from error


def output_of(argv: Sequence[str]) -> str:
    """What a program of this machine prints; '' if it cannot be started."""
    try:
        done = subprocess.run(argv, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "surrogateescape")


class TerminalGuard:
    """A helper that makes the terminal usable again should this process be killed.

    `start` it once the app holds the terminal; tell it with `rest` and `watch` when
    that is lent to another program and back; `end` it before leaving in order.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    def start(self) -> None:
        """Start it. Without it the app works as well, so nothing is raised."""
        with contextlib.suppress(OSError, PlashError):
            theirs, self._lifeline = os.pipe()
            self._process = subprocess.Popen(
                [helper(), "engine:guard", "--lifeline-fd", str(theirs)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs,),
            )
            os.close(theirs)

    def rest(self) -> None:
        """The terminal is another program's now."""
        self._tell(b"l")

    def watch(self) -> None:
        """The terminal is the app's again."""
        self._tell(b"t")

    def end(self) -> None:
        """The app leaves in order."""
        self._tell(b"q")
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _tell(self, byte: bytes) -> None:
        if self._lifeline >= 0:
            with contextlib.suppress(OSError):
                os.write(self._lifeline, byte)
