"""The history of an image, layer by layer."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import NamedTuple
from plashui.model.forest import Forest, Size, layer_paths
from plashui.store.metadata import META, read_json
from plashui.store.oci_nodes import LAYER
from plashui.store.store import Store


class Step(NamedTuple):
    """One layer of a chain; `chain` is the size of it and all layers below it.

    `command` made the layer, None if unknown; `created` is in epoch seconds.
    """

    id: int
    names: tuple[str, ...]
    created: float | None
    own: Size
    chain: Size
    files: int | None
    origin: str
    command: tuple[str, ...] | None
    created_by: str
    """What the config of a pulled image says of how this layer was made; ""."""


def history(store: Store, forest: Forest, image: int) -> list[Step]:
    """Return the layers of an image, topmost first."""
    if image not in forest:
        raise PlashError(f"no image {image}")
    paths = layer_paths(forest)
    steps = []
    for number in forest.lineage(image):
        node = forest.images[number]
        notes = read_json(f"{store.root}/{paths[number]}/{META}/image.json")
        command = _command(notes.get("command"))
        pulled = isinstance(notes.get(LAYER), dict)
        steps.append(
            Step(
                id=number,
                names=node.names,
                created=node.created,
                own=forest.own(number),
                chain=forest.chain(number),
                files=node.own.files if node.own else None,
                origin=node.origin,
                command=command,
                created_by=" ".join(command or ()) if pulled else "",
            )
        )
    return steps


def _command(words: object) -> tuple[str, ...] | None:
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        return None
    return tuple(words)
