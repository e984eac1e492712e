"""Lend the real terminal to a program and take it back in good order.

`with app.suspend()` alone is not enough: Ctrl+C in the program would quit the app when
the program ends, an exception would hang it (textual#6692), and a killed program would
leave it in the background.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from textual.app import App
from textual.driver import Driver

from plashui.base.terminal_text import clean
from plashui.helper.process import kill_all

ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
"""Signals that ask the app to quit."""

GRACE: Final = 5.0
"""Seconds that threads have to end after the app was left."""

Lender = Callable[[App[Any]], AbstractContextManager[None]]
"""A function that lends the terminal; tests pass one that does nothing."""


def _nothing(signum: int, frame: object) -> None:
    """Stand in for a handler: unlike SIG_IGN, a child does not inherit it over exec."""


@contextmanager
def terminal_lent(app: App[Any]) -> Iterator[None]:
    """Free the terminal inside the block; keep the child in our process group.

    The event loop is blocked inside the block: there must be no `await`.
    """
    trouble: BaseException | None = None
    with app.suspend():
        held = {s: signal.signal(s, _nothing) for s in (signal.SIGINT, signal.SIGQUIT)}
        # The event loop is blocked and cannot quit in order: end at once.
        for number in ENDING:
            held[number] = signal.signal(number, signal.SIG_DFL)
        modes = _modes()
        try:
            yield
        except BaseException as error:
            trouble = error
        finally:
            _take_back(modes)
            for number, handler in held.items():
                signal.signal(number, handler)
    if trouble is not None:
        raise trouble


def end_for_sure(status: int) -> None:
    """End this process after GRACE seconds if it has not ended by itself.

    A thread that reads from a pipe or disk that does not respond cannot be stopped. Its
    children are ended, the guard repairs the terminal, and unfinished work is not
    visible yet.
    """

    def end() -> None:
        time.sleep(GRACE)
        kill_all()
        os._exit(status)

    threading.Thread(target=end, daemon=True).start()


def when_gone(then: Callable[[], None]) -> None:
    """Call `then` in a thread when the terminal has gone away.

    The kernel sends SIGHUP only to the session leader. If that does not pass it on (su,
    or a shell that ignores it), the app would stay on a dead terminal.
    """
    if sys.__stdin__ is None or not sys.__stdin__.isatty():
        return
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), 0)  # only a hang-up wakes it

    def wait() -> None:
        poll.poll()
        then()

    threading.Thread(target=wait, name="terminal", daemon=True).start()


def _modes() -> list[Any] | None:
    with contextlib.suppress(OSError, termios.error, ValueError, AttributeError):
        return termios.tcgetattr(sys.__stdin__.fileno())  # type: ignore[union-attr]
    return None


def _take_back(modes: list[Any] | None) -> None:
    """Return to the foreground, restore the modes and drop unread replies."""
    if sys.__stdin__ is None:
        return
    fd = sys.__stdin__.fileno()
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(fd, os.getpgrp())
        with contextlib.suppress(OSError, termios.error):
            if modes is not None:
                termios.tcsetattr(fd, termios.TCSADRAIN, modes)
            termios.tcflush(fd, termios.TCIFLUSH)
    finally:
        signal.signal(signal.SIGTTOU, before)


@contextmanager
def titled(words: str) -> Iterator[None]:
    """Set the title of the terminal window inside the block; restore it afterwards."""
    _title("\x1b[22;2t")  # save the title in the terminal, if it can
    name_window(words)
    try:
        yield
    finally:
        _title("\x1b]2;\x1b\\\x1b[23;2t")


def name_window(words: str) -> None:
    """Set the title of the terminal window again: a shell may have changed it."""
    _title(window_title(words))


def window_title(words: str) -> str:
    """Return the control sequence that sets the title of the window."""
    return f"\x1b]2;{clean(words)}\x1b\\"


def clipboard(text: str) -> str:
    """Return the control sequence that copies a text to the clipboard (OSC 52)."""
    return f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode()}\x07"


def through_tmux(sequence: str) -> str:
    """Return a sequence for the terminal around tmux; '' outside of tmux.

    tmux takes it as its own only with `set-clipboard on`, and passes this on with
    `allow-passthrough`.
    """
    if "TMUX" not in os.environ:
        return ""
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"


def _title(sequence: str) -> None:
    """Write the sequence to a terminal; not to the Linux console: it would print it."""
    out = sys.__stdout__
    if out is None or os.environ.get("TERM", "dumb") in ("linux", "dumb"):
        return
    with contextlib.suppress(OSError, ValueError):
        if out.isatty():
            out.write(sequence)
            out.flush()


def wait_for_enter() -> None:
    """Wait for the Enter key, on a real terminal only."""
    if sys.__stdin__ is not None and sys.__stdin__.isatty():
        with contextlib.suppress(OSError):
            os.read(sys.__stdin__.fileno(), 1024)


def speaking(driver: type[Driver], take: Callable[[Driver], None]) -> type[Driver]:
    """Return the driver class, which passes its write function to `take`."""

    class Speaking(driver):  # type: ignore[misc, valid-type]
        def __init__(self, *words: Any, **options: Any) -> None:
            super().__init__(*words, **options)
            take(self)

    return Speaking


def notification(sentence: str) -> str:
    """Return the control sequences that make a terminal notify the user.

    Each terminal understands one of them and ignores the rest: OSC 9 (iTerm2, kitty,
    WezTerm, Windows Terminal), OSC 777 (foot, VTE), and the bell.
    """
    # In OSC 777 a ';' separates parts; in OSC 9 a leading number means something else.
    words = clean(sentence)[:200].replace(";", ",")
    texts = (f"9;plashui: {words}", f"777;notify;plashui;{words}")
    return "".join(f"\x1b]{text}\x1b\\" for text in texts) + "\x07"
