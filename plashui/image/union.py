"""How layers make up a tree, as the kernel's overlay has it. Pure: only listings.

Paths are relative to the root directory, which itself is "". What a layer says of a
path counts for all layers below: a whiteout, or anything but a directory, hides what
they have there; a directory is merged with theirs unless it is marked as opaque. Of
the mark on a root directory the kernel takes no notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from plashui.base.light import NamedTuple
from plashui.helper.calls import Entry, Piece


class Node(NamedTuple):
    """What there is at a path; whose layer it is from.

    `opaque`: it is a directory, and nothing of the layers below all these is in it.
    """

    entry: Entry
    layer: int
    opaque: bool = False


Tree = dict[str, Node]
"""By path; directories before what is in them, things of one layer side by side."""


def fold(layers: Iterable[tuple[int, Iterable[Entry]]]) -> Tree:
    """The one layer that is the same as these, the topmost given first.

    Whiteouts are in it (of kind w), since there may be more layers below.
    """
    tree: Tree = {}
    for layer, entries in layers:
        shown: set[str] = set()  # directories whose content in this layer is not hidden
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
    """The directory something is in."""
    return path.rpartition("/")[0]


def without_whiteouts(tree: Tree) -> Tree:
    """What is there if there are no more layers below."""
    return {path: node for path, node in tree.items() if node.entry.kind != "w"}


def touched(tree: Tree, *, removed: bool = False) -> set[str]:
    """The directories of lower layers that must be known to see what a layer changes.

    As for engine.list_tree; with `removed`, also all that is in those it hides.
    """
    found = set()
    for path, node in tree.items():
        if node.entry.kind == "d" and not node.opaque:
            found.add(path)
        elif removed:
            found.add(f"{path}/")
    return found


def pieces(tree: Tree, base: Mapping[str, Entry]) -> Iterator[Piece]:
    """How to make the layer that shows `tree` on a base which has these things.

    Of the base, what is in the directories `touched` is enough. Hiding marks are made
    only where there is something to hide.
    """
    merged = {""}  # directories where the base's are seen, too
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
    # A mode may forbid to write, and what is written changes a directory's time.
    for path, node in reversed(tree.items()):
        if node.entry.kind == "d":
            yield Piece("=", str(node.layer), path)


def allocated(tree: Tree) -> int:
    """The bytes it takes on the disk as one layer: each file once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for entry, layer, _opaque in tree.values():
        if entry.links:
            if (layer, entry.links) in seen:
                continue
            seen.add((layer, entry.links))
        total += entry.allocated
    return total
