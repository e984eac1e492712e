"""The history in an OCI config: what made each layer, and what made none.

Whoever made the image wrote it, so its length and that of its texts are limited.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Final

MOST_TEXT: Final = 4096
"""The most characters of one step, which may be a whole script."""
MOST_STEPS: Final = 2000
"""The most steps of a history that is used: an image has 498 layers at most."""

_RUNS_NOTHING: Final = "/bin/sh -c #(nop)"


class Made(NamedTuple):
    """One step of a build; `by` is the command, "" if unknown.

    `empty`: it made no layer, as ENV, CMD and LABEL make none.
    """

    by: str
    empty: bool = False


def history_of(config: dict[str, Any], layers: int) -> list[Made]:
    """Return the steps that a config lists, the earliest first.

    As many as `layers` are not empty. Of a history with another number of layers, or
    without one, nothing is used: each layer is then a step of which nothing is known.
    """
    listed = config.get("history")
    steps = [
        Made(_text(one.get("created_by")), one.get("empty_layer") is True)
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    known = sum(not step.empty for step in steps) == layers
    return steps if known and len(steps) <= MOST_STEPS else [Made("")] * layers


def in_words(by: str) -> str:
    """Return a command for people, without the mark that its shell ran nothing."""
    return by.removeprefix(_RUNS_NOTHING).lstrip()


def _text(value: object) -> str:
    return value[:MOST_TEXT] if isinstance(value, str) else ""
