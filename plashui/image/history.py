"""The history of an image, layer by layer."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE, Forest, Size, layer_paths
from plashui.model.oci_history import history_of
from plashui.store.metadata import META, read_json
from plashui.store.oci.oci_nodes import IMAGE, LAYER
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Any


class Step(NamedTuple):
    """One layer of a chain; `chain` is the size of it and all layers below it.

    `command` made the layer, None if unknown; `created` is in epoch seconds. A step of
    a pulled image that made no layer, such as ENV or CMD, has no `id` and no size.
    """

    id: int | None
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
    """Return the layers of an image and the steps that made none, topmost first."""
    if image not in forest:
        raise PlashError(f"no image {image}")
    paths = layer_paths(forest)
    chain = [
        (number, read_json(f"{store.root}/{paths[number]}/{META}/image.json"))
        for number in forest.lineage(image)
    ]
    empty = _empty_steps(chain)
    steps: list[Step] = []
    for number, notes in chain:
        below = forest.chain(number)
        steps += [_empty_step(by, below) for by in reversed(empty.get(number, []))]
        steps.append(_layer_step(forest, number, notes))
    nothing = Size(0, True)
    first = reversed(empty.get(EMPTY_IMAGE, []))
    return steps + [_empty_step(by, nothing) for by in first]


def _empty_steps(chain: list[tuple[int, dict[str, Any]]]) -> dict[int, list[str]]:
    """Return what made no layer, by the layer that it came after, 0 for none.

    The config of the topmost pulled image tells it.
    """
    pulled = (at for at, (_id, notes) in enumerate(chain) if _is_object(notes, IMAGE))
    top = next(pulled, None)
    if top is None or not _is_object(chain[top][1], "config"):
        return {}
    layers = [number for number, notes in chain[top:] if _is_object(notes, LAYER)]
    found: dict[int, list[str]] = {}
    last = EMPTY_IMAGE
    for made in history_of(chain[top][1]["config"], len(layers)):
        if made.empty:
            found.setdefault(last, []).append(made.by)
        else:
            last = layers.pop()
    return found


def _layer_step(forest: Forest, number: int, notes: dict[str, Any]) -> Step:
    node, command = forest.images[number], _command(notes.get("command"))
    return Step(
        id=number,
        names=node.names,
        created=node.created,
        own=forest.own(number),
        chain=forest.chain(number),
        files=node.own.files if node.own else None,
        origin=node.origin,
        command=command,
        created_by=" ".join(command or ()) if _is_object(notes, LAYER) else "",
    )


def _empty_step(created_by: str, chain: Size) -> Step:
    """Return a step that made no layer; `chain` are the layers before it."""
    return Step(None, (), None, Size(0, True), chain, 0, "", None, created_by)


def _is_object(notes: dict[str, Any], key: str) -> bool:
    return isinstance(notes.get(key), dict)


def _command(words: object) -> tuple[str, ...] | None:
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        return None
    return tuple(words)
