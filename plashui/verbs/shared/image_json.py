"""An image as JSON."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.shared.sizes import known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plashui.model.forest import Forest


def image_json(
    forest: Forest, number: int, used: Mapping[int, float], noted: Mapping[int, str]
) -> dict[str, Any]:
    """Return what `ls` and `show` print of an image; `used`, `noted` are by image."""
    image = forest.images[number]
    return {
        "id": number,
        "parent": image.parent,
        "names": image.names,
        "origin": image.origin,
        "created": image.created,
        "own": known(forest.own(number)),
        "chain": known(forest.chain(number)),
        "subtree": known(forest.subtree(number)),
        "files": image.own.files if image.own else None,
        "pinned": number in forest.pinned,
        "used": used.get(number),
        "note": noted.get(number, ""),
    }
