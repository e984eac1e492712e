"""Every stack of small layers there is, and what the overlay's rules make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from plashui.helper.calls import Piece
from plashui.helper.listing import Entry

Layer = tuple[tuple[str, str], ...]
"""Paths with their kinds, directories first; kind o is an opaque directory."""

BELOW: Final = ("", "-", "w", "d", "o")
LAYERS: Final[tuple[Layer, ...]] = (
    (),
    (("a", "-"),),
    (("a", "w"),),
    *(
        (("a", kind), ("a/b", below)) if below else (("a", kind),)
        for kind in "do"
        for below in BELOW
    ),
)
"""Nothing, a file, a whiteout, or a directory of either sort with one thing in it."""

DEEPER: Final = (
    *LAYERS,
    *(
        (("a", outer), ("a/b", inner), ("a/b/c", kind))
        for outer in "do"
        for inner in "do"
        for kind in "-wd"
    ),
)
"""The same, and with one thing in the directory in the directory."""


def stacks(depth: int, layers: Sequence[Layer] = LAYERS) -> Iterator[tuple[Layer, ...]]:
    """All stacks of so many of these layers, the topmost first."""
    return product(layers, repeat=depth)


def entry(path: str, kind: str, layer: int) -> Entry:
    """As engine:list has it; the mode tells the layer."""
    opaque, kind = kind == "o", "d" if kind == "o" else kind
    return Entry(path, kind, layer, 0, 0, 0, 0, 0, opaque=opaque)


def entries(layer: Layer, number: int) -> list[Entry]:
    """The listing of a layer, with its root directory."""
    return [entry("", "d", number), *(entry(p, k, number) for p, k in layer)]


def listings(stack: Sequence[Layer]) -> list[tuple[int, list[Entry]]]:
    """The listings of a stack's layers; the topmost has the highest number."""
    count = len(stack)
    return [(count - n, entries(layer, count - n)) for n, layer in enumerate(stack)]


def merged(layers: Iterable[tuple[int, Iterable[Entry]]]) -> dict[str, tuple[str, int]]:
    """Path to kind and layer of what is there, each layer laid on those below it.

    That is from the bottom up, which is how the rules are told; `fold` goes down.
    """
    tree: dict[str, tuple[str, int]] = {}
    for number, listed in reversed([*layers]):
        for one in listed:
            if one.kind != "d" or one.opaque or tree.get(one.name, ("d",))[0] != "d":
                for path in [*tree]:
                    if path == one.name or path.startswith(f"{one.name}/"):
                        del tree[path]
            if one.kind != "w":
                tree[one.name] = (one.kind, number)
    return tree


def gathered(
    pieces: Iterable[Piece], layers: Iterable[tuple[int, Iterable[Entry]]]
) -> list[Entry]:
    """The layer that pieces make, as engine:gather does."""
    have = {(number, one.name): one for number, listed in layers for one in listed}
    made: dict[str, Entry] = {"": entry("", "d", 0)}
    for what, of, path in pieces:
        if what in "dw":
            made[path] = entry(path, what, 0)
        elif what == "o":
            made[path] = made[path]._replace(opaque=True)
        elif what == "h":
            assert made[of].kind != "d"
            made[path] = made[of]._replace(name=path)
        else:
            source = have[int(of), path]
            assert (what == "=") == (source.kind == "d")
            made[path] = source._replace(opaque=path in made and made[path].opaque)
    return [*made.values()]
