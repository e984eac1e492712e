"""SOURCE_DATE_EPOCH: the time of all that a reproducible build makes."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_EPOCH: Final = "SOURCE_DATE_EPOCH"
_LAST: Final = (1 << 32) - 1


def source_date() -> int | None:
    """Return the variable in epoch seconds; None if it is not set."""
    word = os.environ.get(_EPOCH, "")
    if not word:
        return None
    if not word.isdecimal() or len(word) > 10 or int(word) > _LAST:
        raise PlashError(
            f"{_EPOCH} is not a number of seconds: {word!r}", f"Unset {_EPOCH}"
        )
    return int(word)
