"""Make the garbage collector search less often.

A search looks at every object and repeats while their number grows: with 200,000
changes each takes half a second during which no key is answered.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MANY: Final = 50_000
"""New objects from which on later searches leave them out."""

SELDOM: Final = (20_000, 20, 20)
"""Thresholds of the collector: new objects before a search, then generations."""

_turn = threading.Lock()
_blocks = 0


def seek_seldom() -> None:
    """Search seldom, and never among the objects that exist at this moment.

    Otherwise all of them would be searched every few seconds while a hundred thousand
    images are counted.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


@contextmanager
def nothing_sought() -> Iterator[None]:
    """Search nothing inside the block; what it creates must not hold cycles."""
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
