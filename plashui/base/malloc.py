"""How the C library keeps memory, where a store is so big that it matters.

The tables over a hundred thousand images take megabytes each, and are made anew when
more is known.
"""

from __future__ import annotations

from contextlib import suppress

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_BIG: Final = 256 * 1024


def apart() -> None:
    """Let each big thing have memory of its own, that goes back when it is gone.

    Else what is freed once is kept, and lies between what stays. See mallopt(3); not
    every C library has it.
    """
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BIG)


def give_back() -> None:
    """Give back what the C library keeps of small things for later, as `apart`."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
