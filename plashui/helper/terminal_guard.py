"""A helper process that restores the terminal if this process is killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper.process import wait_for_children
from plashui.helper.program import program

if TYPE_CHECKING:
    from typing import Final

PATIENCE: Final = 2.0
"""Seconds that the helper has to end; then it is killed."""


class TerminalGuard:
    """A helper that makes the terminal usable again if this process is killed.

    Call `start` when the app has taken the terminal and `end` when it has left it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    def start(self) -> None:
        """Start the helper; ignore errors, since the app works without it."""
        with contextlib.suppress(OSError, PlashError):
            wait_for_children()
            path = program()
            theirs, self._lifeline = os.pipe()
            try:
                self._process = subprocess.Popen(
                    [path, "engine:guard", "--lifeline-fd", str(theirs)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs,),
                )
            finally:
                os.close(theirs)

    @contextlib.contextmanager
    def rested(self) -> Iterator[None]:
        """Suspend the guard in the block, in which another program has the terminal."""
        self._tell(b"l")
        try:
            yield
        finally:
            self._tell(b"t")

    def end(self) -> None:
        """End the helper after the app has restored the terminal."""
        self._tell(b"q")
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if self._process is not None:
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _tell(self, byte: bytes) -> None:
        if self._lifeline >= 0:
            with contextlib.suppress(OSError):
                os.write(self._lifeline, byte)
