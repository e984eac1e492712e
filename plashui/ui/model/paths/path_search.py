"""Searching a tree of paths: what matches, with the directories that lead there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from plashui.ui.model.paths.path_rows import PathNode

T = TypeVar("T")


class Matches(NamedTuple, Generic[T]):
    """The tree of what was found.

    `paths` are the matches; `words` are drawn in the names, and `notes` behind some.
    """

    top: PathNode[T]
    paths: frozenset[str]
    words: tuple[str, ...] = ()
    notes: dict[str, str] = {}  # noqa: RUF012 - never changed


def words_of(text: str) -> tuple[str, ...]:
    """Split what was typed into words, all of which a path must have."""
    return tuple(text.casefold().split())


def in_path(words: Iterable[str]) -> Callable[[PathNode[T]], bool]:
    """Return a test: the last part has the last word, the path has all of them."""
    *others, last = words

    def test(node: PathNode[T]) -> bool:
        path = node.path.casefold()
        name = path.rpartition("/")[2]
        inside = last in (path if "/" in last else name)
        return inside and all(word in path for word in others)

    return test


def matching(
    top: PathNode[T], test: Callable[[PathNode[T]], bool]
) -> tuple[PathNode[T], frozenset[str]]:
    """Return a tree of the nodes that pass and their ancestors, and who passes.

    The ancestors are open. A match stays as it was, but for what matches below it.
    """
    found: set[str] = set()
    shown: dict[int, list[PathNode[T]]] = {}
    for node, above in _deepest_first(top):
        below = shown.pop(id(node), None)
        passes = node is not top and test(node)
        if passes:
            found.add(node.path)
        if below is not None:
            below.reverse()
        if node is top:
            inner = below or []
            whole = PathNode(node.path, node.name, node.data, node.size, True, True)
            whole.inner = inner
            return whole, frozenset(found)
        if not passes and below is None:
            continue
        copy = PathNode(node.path, node.name, node.data, node.size, node.branch)
        copy.opened, copy.inner = below is not None, below or node.inner
        shown.setdefault(id(above), []).append(copy)
    raise AssertionError("the top comes last")


def _deepest_first(
    top: PathNode[T],
) -> Iterator[tuple[PathNode[T], PathNode[T] | None]]:
    """Yield all nodes with their parents, a node after all below it, the last first."""
    order: list[tuple[PathNode[T], PathNode[T] | None]] = []
    stack: list[tuple[PathNode[T], PathNode[T] | None]] = [(top, None)]
    while stack:
        node, above = stack.pop()
        order.append((node, above))
        stack += [(inner, node) for inner in reversed(node.inner or ())]
    return reversed(order)


def nodes_of(top: PathNode[T]) -> Iterator[PathNode[T]]:
    """Yield all known nodes below one, in order."""
    stack = list(reversed(top.inner or ()))
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.inner or ())
