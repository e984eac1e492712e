"""Making very many small things at once, without a search for garbage among them.

Such a search looks at everything there is, time and again while it grows: of 200,000
changes, half a second each, in which no key is answered.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MANY: Final = 50_000
"""New things from which on they are left out of later searches too."""

SELDOM: Final = (20_000, 20, 20)
"""New things from which on there is a search among them, and how many of those come
before one that goes further."""

_turn = threading.Lock()
_blocks = 0


def seek_seldom() -> None:
    """From now on there are searches, but never for what there is by now.

    While a hundred thousand images are counted there would be one through all of them
    every few seconds.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


@contextmanager
def nothing_sought() -> Iterator[None]:
    """For the time of the block; what was made in it must not hold cycles."""
    global _blocks
    with _turn:
        _blocks += 1
        gc.disable()
    try:
        yield
    finally:
        with _turn:
            _blocks -= 1
            if not _blocks:
                if gc.get_count()[0] > MANY:
                    gc.freeze()
                gc.enable()
