"""Sizes of which part may not be counted: in words, and as JSON."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size

if TYPE_CHECKING:
    from plashui.model.forest import Size


def about(value: Size) -> str:
    """A size in words; with a ~ in front where part of it could not be counted."""
    return size(value.bytes) if value.known else f"~{size(value.bytes)}"


def known(value: Size) -> int | None:
    """The bytes of a size for JSON; None where part of it could not be counted."""
    return value.bytes if value.known else None
