"""Operands for several calls, where one would have too many."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_ARGUMENTS: Final = 96 * 1024  # bytes of operands of one call


def batches(paths: Sequence[str], most: int = 256) -> Iterator[list[str]]:
    """Yield the operands of successive calls, `most` at once and not too many bytes."""
    batch: list[str] = []
    room = _ARGUMENTS
    for path in paths:
        size = len(os.fsencode(path)) + 9  # with its NUL and the pointer to it
        if batch and (room < size or len(batch) >= most):
            yield batch
            batch, room = [], _ARGUMENTS
        batch.append(path)
        room -= size
    if batch:
        yield batch
