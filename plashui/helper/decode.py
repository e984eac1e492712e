"""Decoding the helper's answers; an error for a person if one is invalid."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from plashui.base.errors import PlashError


@contextlib.contextmanager
def understood(what: str) -> Iterator[None]:
    """Turn an error while decoding an answer into a PlashError, and log it.

    Such an answer comes from a helper of another version or a broken one. The block
    must only decode: its ValueError, TypeError and the like count as decoding errors.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        from plashui.base import log

        log.note(error, what)
        raise PlashError(
            f"{what}: the program plash gave an invalid answer", "Reinstall plashui"
        ) from error
