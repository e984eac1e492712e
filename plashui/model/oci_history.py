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
_TEXTS: Final = ("created_by", "author", "comment")
_TIME: Final = r"\d{4}-\d\d-\d\dT[\d:]{8}(\.\d+)?(Z|[+-]\d\d:\d\d)"


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
    return [
        Made(one.get("created_by", ""), one.get("empty_layer", False))
        for one in entries_of(config, layers)
    ]


def entries_of(config: dict[str, Any], layers: int) -> list[dict[str, Any]]:
    """Return the same steps as a config has them, without what is not valid in them.

    A step without a time has that of the image, which umoci does not do without.
    """
    listed = config.get("history")
    when = _when(config)
    entries = [
        when | _entry(one)
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    known = sum("empty_layer" not in one for one in entries) == layers
    if known and len(entries) <= MOST_STEPS:
        return entries
    return [dict(when) for _ in range(layers)]


def in_words(by: str) -> str:
    """Return a command for people, without the mark that its shell ran nothing."""
    return by.removeprefix(_RUNS_NOTHING).lstrip()


def _when(value: dict[str, Any]) -> dict[str, Any]:
    import re  # only for what was pulled

    created = value.get("created")
    known = isinstance(created, str) and re.fullmatch(_TIME, created)
    return {"created": created} if known else {}


def _entry(one: dict[str, Any]) -> dict[str, Any]:
    found = _when(one)
    for key in _TEXTS:
        if isinstance(one.get(key), str):
            found[key] = one[key][:MOST_TEXT]
    return found | ({"empty_layer": True} if one.get("empty_layer") is True else {})
