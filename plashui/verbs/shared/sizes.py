"""Sizes that may be lower bounds: in words, and as JSON."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size

if TYPE_CHECKING:
    from plashui.model.forest import Size


def about(value: Size) -> str:
    """Format a size; a `~` marks one of which a part is uncounted."""
    return size(value.bytes) if value.known else f"~{size(value.bytes)}"


def known(value: Size) -> int | None:
    """Return the bytes of a size for JSON; None if a part is uncounted."""
    return value.bytes if value.known else None
