"""Running a verb as a person would: to its end, or on the terminal.

`answer_of` and `output_of` are for other programs. Functions import subprocess, because
importing it takes longer than most verbs.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.helper.process import Outcome, wait_for_children
from plashui.helper.program import program


def finish(
    words: Sequence[str], *, environment: Mapping[str, str] | None = None
) -> Outcome:
    """Run a command-line verb to its end, without a terminal."""
    import subprocess

    wait_for_children()
    done = subprocess.run(
        [program(), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=environment,
    )
    said = done.stderr.decode("utf-8", "surrogateescape")
    return Outcome(done.returncode, done.stdout, said)


def foreground(
    words: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> int:
    """Run a command-line verb on this process's terminal; return its exit status.

    The command alone gets the keyboard's signals. The status is -N for one killed by
    signal N. The command ends with this process, even if this is killed.
    """
    import subprocess

    wait_for_children()
    path = program()
    lifeline, ours = os.pipe()
    try:
        argv = [path, words[0], "--lifeline-fd", str(lifeline), *words[1:]]
        with _keyboard_signals_held():
            started = subprocess.Popen(
                argv,
                env=environment,
                pass_fds=(lifeline, *pass_fds),
            )
            os.close(lifeline)
            lifeline = -1
            return started.wait()
    except OSError as error:
        raise PlashError(f"cannot start plash: {error.strerror}") from error
    finally:
        os.close(ours)
        if lifeline >= 0:
            os.close(lifeline)


def at_terminal(argv: Sequence[str]) -> int:
    """Run a program of this machine on this process's terminal, as foreground does."""
    return on_terminal(argv, os.environ)


def environment_for(store: str) -> dict[str, str]:
    """Return this process's environment for verbs of people on another store.

    The program finds its Python half, which lies beside it, in PATH.
    """
    beside = program().rpartition("/")[0]
    way = f"{beside}:{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PLASH_DATA": store, "PATH": way}


def on_terminal(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run any program on this process's terminal, as a shell does; return its status.

    The program alone gets the keyboard's signals.
    """
    import subprocess

    wait_for_children()
    try:
        with _keyboard_signals_held():
            return subprocess.Popen(argv, env=environment).wait()
    except OSError as error:
        raise PlashError(f"cannot start {argv[0]}: {error.strerror}") from error


def _nothing(_number: int, _frame: object) -> None:
    """Ignore a signal; unlike SIG_IGN, children do not inherit this."""


@contextlib.contextmanager
def _keyboard_signals_held() -> Iterator[None]:
    import signal
    import threading

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


def answer_of(argv: Sequence[str], question: bytes, seconds: float) -> Outcome:
    """Run a program of this machine, with the question on its standard input.

    Raises OSError if it cannot be started, or does not end in time.
    """
    import subprocess

    wait_for_children()
    try:
        done = subprocess.run(
            argv, input=question, capture_output=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(errno.ETIMEDOUT, "it does not answer") from error
    said = done.stderr.decode("utf-8", "surrogateescape")
    return Outcome(done.returncode, done.stdout, said)


def output_of(argv: Sequence[str]) -> str:
    """Return what a program of this machine prints; '' if it cannot be started."""
    import subprocess

    wait_for_children()
    try:
        done = subprocess.run(argv, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "surrogateescape")
