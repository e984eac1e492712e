"""Memory that is free by now, given back to the system."""

from __future__ import annotations

from contextlib import suppress


def give_back() -> None:
    """Give back what the C library keeps of it for later; not every one can.

    A store of a hundred thousand images, read anew, leaves tens of megabytes so.
    """
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
