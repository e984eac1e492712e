"""Errors from a full disk, with a remedy that names what would free space."""

from __future__ import annotations

import errno
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
"""The error numbers of a full disk and an exhausted quota."""
_NOTHING: Final = 65536
"""Free bytes below which any failure is blamed on the full disk."""


def say_what_makes_room(store: Store, error: PlashError | OSError) -> None:
    """Raise the error again with a remedy if a full disk caused it.

    Work directories call this on an error, since every new layer is made in one.
    """
    plain = type(error) is PlashError or isinstance(error, OSError)
    if not plain or not _is_full(store, error):
        return
    remedy = advice(store)
    if isinstance(error, PlashError):
        if error.remedy and remedy in error.remedy:  # the helper added it
            return
        told = f"{error.remedy}. {remedy}" if error.remedy else remedy
        raise PlashError(str(error.args[0]), told) from error
    raise PlashError(f"cannot write to the store: {error.strerror}", remedy) from error


def _is_full(store: Store, error: BaseException) -> bool:
    """Decide by error number, by message, or by the free bytes on the disk."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, OSError) and at.errno in FULL:
            return True
        if any(os.strerror(number) in str(at) for number in FULL):
            return True
        at = at.__cause__
    try:
        return store.disk().free < _NOTHING
    except OSError:
        return False


def advice(store: Store) -> str:
    """Return the remedy for a full disk, a sentence without a full stop."""
    return f"The disk is full: {what_makes_room(store)}"


def what_makes_room(store: Store) -> str:
    """Return what frees space on the disk, a sentence without a full stop."""
    from plashui.store.trash.listing import trashed  # only for a full disk

    try:
        sizes = [entry.bytes for entry in trashed(store)]
    except (PlashError, OSError):
        sizes = []
    if not sizes:
        return "`plash shrink --dry-run` lists images to remove"
    about = "" if all(known.known for known in sizes) else "more than "
    freed = size(sum(known.bytes for known in sizes))
    return f"`plash trash --empty` frees {about}{freed}"
