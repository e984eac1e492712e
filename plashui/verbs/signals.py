"""Ending by a signal: first in order, then by that signal, as the shell has to see it.

A shell goes on with the next line of a script when a program ends with a status after
Ctrl-C, be it 130. It ends the script only if the program was ended by SIGINT.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final, NoReturn

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that ask a program to end."""


class Signalled(KeyboardInterrupt):
    """Raised in the main thread when one of `ENDING` has come."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def unwind_first() -> None:
    """Let `ENDING` raise Signalled, such that what is half made is taken back.

    The second one ends this process at once. What is ignored (by nohup) stays so.
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
    """End this process by the signal; its status should that be blocked."""
    number = interrupt.number if isinstance(interrupt, Signalled) else signal.SIGINT
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number
