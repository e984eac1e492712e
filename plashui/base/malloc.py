"""Settings of the C library's heap that keep the app small with a big store.

Tables over a hundred thousand images take megabytes each and are rebuilt whenever more
layers have been counted.
"""

from __future__ import annotations

from contextlib import suppress

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_BIG: Final = 256 * 1024


def apart() -> None:
    """Give each allocation from 256 KiB its own mapping, returned when it is freed.

    Otherwise freed tables stay on the heap, between values that are still in use. See
    mallopt(3); C libraries without it are left as they are.
    """
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BIG)


def give_back() -> None:
    """Return free heap memory to the kernel; see malloc_trim(3)."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
