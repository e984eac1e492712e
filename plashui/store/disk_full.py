"""A full disk: whoever runs into it is told what would make room."""

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
"""What a system call that wants room fails with where there is none."""
_NOTHING: Final = 65536
"""Bytes: where no more are free, whatever failed has failed for that."""


def say_what_makes_room(store: Store, error: PlashError | OSError) -> None:
    """Raise the error anew, with the remedy, if it came of a full disk.

    Every new layer is made in a work directory of the store, and so this is asked where
    one of those ends in an error.
    """
    plain = type(error) is PlashError or isinstance(error, OSError)
    if not plain or not _is_full(store, error):
        return
    remedy = advice(store)
    if isinstance(error, PlashError):
        if error.remedy and remedy in error.remedy:  # the helper has said it
            return
        told = f"{error.remedy}. {remedy}" if error.remedy else remedy
        raise PlashError(str(error.args[0]), told) from error
    raise PlashError(f"cannot write to the store: {error.strerror}", remedy) from error


def _is_full(store: Store, error: BaseException) -> bool:
    """Whether that was why: by its number, by its words, or by the disk itself."""
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
    """What would make room in a full store, a sentence without a full stop."""
    from plashui.store.trash import trashed

    try:
        sizes = [entry.bytes for entry in trashed(store)]
    except (PlashError, OSError):
        sizes = []
    if not sizes:
        return "The disk is full: `plash shrink --dry-run` shows what could go"
    about = "" if all(known.known for known in sizes) else "more than "
    freed = size(sum(known.bytes for known in sizes))
    return f"The disk is full: `plash trash --empty` frees {about}{freed}"
