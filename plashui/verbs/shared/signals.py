"""Ending by a signal: first clean up, then die from the signal, as shells expect it.

If a program exits with a status after Ctrl-C, even 130, a shell continues its script.
It ends the script only if SIGINT killed the program.
"""

from __future__ import annotations

import os

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from types import FrameType
    from typing import Final, NoReturn
else:
    import _signal as signal  # `signal` makes enums of it, which takes a millisecond

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that ask a program to end."""


class Signalled(KeyboardInterrupt):
    """Raised in the main thread when one of `ENDING` arrives."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def unwind_first() -> None:
    """Let `ENDING` raise Signalled, so that half-made things are removed.

    A second signal kills this process. Signals that nohup ignores stay ignored.
    """
    for number in ENDING:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _raise)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for other in ENDING:
        if signal.getsignal(other) is _raise:
            signal.signal(other, signal.SIG_DFL)
    raise Signalled(number)


def end_by(interrupt: KeyboardInterrupt) -> int:
    """Kill this process by the signal; return a status in case it is blocked."""
    number = interrupt.number if isinstance(interrupt, Signalled) else signal.SIGINT
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number
