"""Digits that are typed one after the other: the id of an image."""

from __future__ import annotations

import time

TOGETHER: float = 0.4
"""Seconds between two digits of a number."""


class Digits:
    """The number that is being typed; the first digit alone means something else."""

    def __init__(self) -> None:
        """Nothing was typed yet."""
        self._digits, self._at = "", 0.0

    def typed(self, digit: int) -> int | None:
        """Take a digit; return the number from the second digit on."""
        now = time.monotonic()
        fresh = now - self._at > TOGETHER
        self._digits = str(digit) if fresh else f"{self._digits}{digit}"
        self._at = now
        return int(self._digits) if len(self._digits) > 1 else None

    def forget(self) -> None:
        """Let the next digit be the first."""
        self._at = 0.0
