"""Making sense of what the helper answers; a sentence where it makes none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from plashui.base.errors import PlashError


@contextlib.contextmanager
def understood(what: str) -> Iterator[None]:
    """An answer cannot be read in this block: the helper is none of ours, or broken.

    A PlashError says so, and the log has it in full. Only reading belongs in the block.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        from plashui.base import log

        log.note(error, what)
        raise PlashError(
            f"{what}: the helper's answer makes no sense", "Install plashui again"
        ) from error
