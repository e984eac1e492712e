"""The union of layers, following overlayfs; computed from listings, without any I/O.

Paths are relative to the root directory, which is "". A whiteout, or anything but a
directory, hides the same path in all layers below. A directory is merged with those
below unless it is opaque. The kernel ignores the opaque mark of a root directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from plashui.base.light import NamedTuple
from plashui.helper.calls import Piece
from plashui.helper.listing import Entry


class Node(NamedTuple):
    """The entry at a path, and the id of its layer.

    `opaque`: a directory that hides those of all layers below the given ones.
    """

    entry: Entry
    layer: int
    opaque: bool = False


Tree = dict[str, Node]
"""Nodes by path: directories before their content, grouped by layer."""


def fold(layers: Iterable[tuple[int, Iterable[Entry]]]) -> Tree:
    """Merge layers, given topmost first, into one equivalent layer.

    It keeps whiteouts (kind w), because there may be more layers below.
    """
    tree: Tree = {}
    for layer, entries in layers:
        shown: set[str] = set()  # directories of this layer whose content is visible
        for entry in entries:
            path = entry.name
            if path and parent(path) not in shown:
                continue
            directory = entry.kind == "d"
            ends = bool(path) and (entry.opaque or not directory)
            above = tree.get(path)
            if above is None:
                tree[path] = Node(entry, layer, directory and ends)
            elif above.opaque or above.entry.kind != "d":
                continue
            elif ends:
                tree[path] = above._replace(opaque=True)
            if directory:
                shown.add(path)
    return tree


def parent(path: str) -> str:
    """Return the directory of a path."""
    return path.rpartition("/")[0]


def without_whiteouts(tree: Tree) -> Tree:
    """Return the visible tree, if there are no more layers below."""
    return {path: node for path, node in tree.items() if node.entry.kind != "w"}


def touched(tree: Tree, *, removed: bool = False) -> set[str]:
    """Return the directories of lower layers that a layer must be compared to.

    The result is for `within` of listing.list_tree; `removed` adds the content of all
    directories that the layer hides.
    """
    found = set()
    for path, node in tree.items():
        if node.entry.kind == "d" and not node.opaque:
            found.add(path)
        elif removed:
            found.add(f"{path}/")
    return found


def pieces(tree: Tree, base: Mapping[str, Entry]) -> Iterator[Piece]:
    """Yield the steps that make a layer which turns `base` into `tree`.

    `base` must list the directories `touched`. Whiteouts and opaque marks are made
    only where the base has something to hide.
    """
    merged = {""}  # directories that are merged with those of the base
    twins: dict[tuple[int, int], str] = {}
    for path, (entry, layer, opaque) in tree.items():
        below = base.get(path) if parent(path) in merged else None
        if entry.kind == "w":
            if below is not None:
                yield Piece("w", "", path)
        elif entry.kind != "d":
            first = (
                twins.setdefault((layer, entry.links), path) if entry.links else path
            )
            if first == path:
                yield Piece("f", str(layer), path)
            else:
                yield Piece("h", first, path)
        elif path:
            yield Piece("d", "", path)
            if below is not None and below.kind == "d":
                if opaque:
                    yield Piece("o", "", path)
                else:
                    merged.add(path)
    # Attributes of directories come last: a mode may forbid writing, and writing
    # changes the mtime.
    for path, node in reversed(tree.items()):
        if node.entry.kind == "d":
            yield Piece("=", str(node.layer), path)


def allocated(tree: Tree) -> int:
    """Return the allocated bytes of a tree as one layer, each file counted once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for entry, layer, _opaque in tree.values():
        if entry.links:
            if (layer, entry.links) in seen:
                continue
            seen.add((layer, entry.links))
        total += entry.allocated
    return total
