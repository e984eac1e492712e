"""A watch on the terminal that outlives this process, should it be killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper.process import program, wait_for_children

if TYPE_CHECKING:
    from typing import Final

PATIENCE: Final = 2.0
"""Seconds it has to end when it was told to; one that hangs holds nobody up."""


class TerminalGuard:
    """A helper that makes the terminal usable again should this process be killed.

    `start` it once the app holds the terminal and `end` it after leaving in order.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    def start(self) -> None:
        """Start it. Without it the app works as well, so nothing is raised."""
        with contextlib.suppress(OSError, PlashError):
            wait_for_children()
            theirs, self._lifeline = os.pipe()
            self._process = subprocess.Popen(
                [program(), "engine:guard", "--lifeline-fd", str(theirs)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs,),
            )
            os.close(theirs)

    @contextlib.contextmanager
    def rested(self) -> Iterator[None]:
        """The terminal is another program's inside the block."""
        self._tell(b"l")
        try:
            yield
        finally:
            self._tell(b"t")

    def end(self) -> None:
        """The app leaves in order."""
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
