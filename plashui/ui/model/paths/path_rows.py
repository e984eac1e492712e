"""A tree of paths that opens and closes, as plain values, without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class PathNode(Generic[T]):
    """A path and what is known of it.

    `name` is clean, `path` is as in the image. A `branch` can be opened; its `inner` is
    None until its content was read.
    """

    path: str
    name: str
    data: T
    size: int = 0
    branch: bool = False
    opened: bool = False
    inner: list[PathNode[T]] | None = field(default=None, repr=False)


class PathRow(NamedTuple, Generic[T]):
    """A line: a node and its depth."""

    node: PathNode[T]
    depth: int


def rows_of(top: PathNode[T], depth: int = 0) -> list[PathRow[T]]:
    """Return the lines of everything shown below a node, without the node itself."""
    found: list[PathRow[T]] = []
    stack = [PathRow(node, depth) for node in reversed(top.inner or ())]
    while stack:
        row = stack.pop()
        found.append(row)
        if row.node.opened:
            below = row.depth + 1
            stack += [PathRow(node, below) for node in reversed(row.node.inner or ())]
    return found


def branches_of(top: PathNode[T]) -> Iterator[PathNode[T]]:
    """Return all branches below a node whose content is known."""
    stack = [top]
    while stack:
        for node in stack.pop().inner or ():
            if node.branch and node.inner is not None:
                yield node
                stack.append(node)


def end_of(rows: list[PathRow[T]], at: int) -> int:
    """Return the index after the last line below the one at `at`."""
    depth = rows[at].depth
    end = at + 1
    while end < len(rows) and rows[end].depth > depth:
        end += 1
    return end


def above(rows: list[PathRow[T]], at: int) -> int | None:
    """Return the index of the parent's line; None if it is not shown."""
    depth = rows[at].depth
    while at >= 0 and rows[at].depth >= depth:
        at -= 1
    return at if at >= 0 else None
