"""The changes between two images as a tree of directories, by size: plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from plashui.core.diff import Change
from plashui.core.progress import Cancel
from plashui.core.text import clean, size, thousands
from plashui.ui.pathrows import PathNode

SIGNS: Final = {"A": "added", "M": "changed", "R": "removed", "T": "of another type"}

_OFTEN: Final = 4096  # changes between two looks at whether it is still wanted


@dataclass(slots=True, eq=False)
class Tally:
    """How many changes there are at and below a path.

    `change` is of the path itself; None if only something in it changed. `bytes` are
    allocated ones: of what was added or changed as it is now, and of what was removed.
    """

    change: Change | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def sign(self) -> str:
        """The letter of the path itself, ' ' if it is as it was."""
        return sign(self.change) if self.change is not None else " "

    @property
    def all(self) -> int:
        """How many changes."""
        return self.added + self.changed + self.removed

    def words(self) -> str:
        """`12 added, 3 changed, 1 removed`."""
        counts = (
            (self.added, "added"),
            (self.changed, "changed"),
            (self.removed, "removed"),
        )
        return ", ".join(f"{thousands(many)} {word}" for many, word in counts if many)


ChangeNode = PathNode[Tally]


def sign(change: Change) -> str:
    """A added, R removed, T another type now, M changed in any other way."""
    if change.before is None:
        return "A"
    if change.after is None:
        return "R"
    return "T" if "type" in change.aspects else "M"


def change_tree(changes: Iterable[Change], cancel: Cancel | None = None) -> ChangeNode:
    """The root directory with all changes in it, the greatest first.

    Sizes are allocated bytes: of what is new or changed as it is now, of what was
    removed as it was; the names of one file count once. What is alone in its
    directory is on show at once, for no one has to look for it. Directories come
    before what is in them, as diff() has it.
    """
    top = ChangeNode("/", "/", Tally(), branch=True, opened=True, inner=[])
    nodes = {"/": top}
    made: list[tuple[ChangeNode, ChangeNode]] = []  # each with what it is in
    twins: set[tuple[int, int, int]] = set()
    for count, change in enumerate(changes):
        if cancel is not None and count % _OFTEN == 0:
            cancel.check()
        node = _node(change.path, nodes, made)
        tally = node.data
        tally.change = change
        entry = change.after or change.before
        if change.before is None:
            tally.added += 1
        elif change.after is None:
            tally.removed += 1
        else:
            tally.changed += 1
        if entry is None:
            continue
        if entry.kind == "d":
            _make_branch(node)
        node.name = shown_name(change)
        twin = (entry.links, entry.size, entry.mtime)
        if not entry.links or twin not in twins:
            node.size += entry.allocated
        if entry.links:
            twins.add(twin)
    _sum_up(made, cancel)
    _open_lonely(top)
    return top


def _node(
    path: str, nodes: dict[str, ChangeNode], made: list[tuple[ChangeNode, ChangeNode]]
) -> ChangeNode:
    """The node of a path, made with all that it is in where there is none."""
    missing: list[str] = []
    at = path
    while at not in nodes:
        missing.append(at)
        at = at.rpartition("/")[0] or "/"
    node = nodes[at]
    for below in reversed(missing):
        inner = _make_branch(node)
        name = clean(below.rpartition("/")[2])
        child = nodes[below] = ChangeNode(below, name, Tally())
        inner.append(child)
        made.append((child, node))
        node = child
    return node


def _make_branch(node: ChangeNode) -> list[ChangeNode]:
    if node.inner is None:
        node.branch, node.inner = True, []
        if not node.name.endswith("/"):
            node.name += "/"
    return node.inner


def _sum_up(made: list[tuple[ChangeNode, ChangeNode]], cancel: Cancel | None) -> None:
    """Add each node to the one it is in, then sort what is in each."""
    for count, (node, within) in enumerate(reversed(made)):
        if cancel is not None and count % _OFTEN == 0:
            cancel.check()
        tally, total = node.data, within.data
        total.added += tally.added
        total.changed += tally.changed
        total.removed += tally.removed
        within.size += node.size
        if node.inner is not None and len(node.inner) == 0:
            node.branch = False
    tops = {id(within): within for _node, within in made}
    for within in tops.values():
        # They are in the order of their names, and stay so where sizes are the same.
        (within.inner or []).sort(key=attrgetter("size"), reverse=True)


def _open_lonely(top: ChangeNode) -> None:
    node = top
    while node.inner is not None and len(node.inner) == 1 and node.inner[0].branch:
        node = node.inner[0]
        node.opened = True


def shown_name(change: Change) -> str:
    """The last part of a path, harmless to show; where a link leads with it."""
    entry = change.after or change.before
    name = clean(change.path.rpartition("/")[2]) or "/"
    if entry is None:
        return name
    if entry.kind == "d":
        return name if name == "/" else f"{name}/"
    return f"{name} -> {clean(entry.target)}" if entry.kind == "l" else name


def heading(top: ChangeNode, *, short: bool = False) -> str:
    """All changes in a few words, or in letters."""
    tally = top.data
    if not tally.all:
        return "nothing changed"
    words = tally.words()
    if short:
        words = words.replace("added", "A").replace("changed", "M")
        words = words.replace("removed", "R")
    return f"{words}, {size(top.size)}"
