"""Which of the changes of a shell are left out of the image that is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from plashui.base.units import plural, size
from plashui.ui.model.paths.change_tree import ChangeNode

SIGNS: Final = {"kept": ("●", "good"), "out": ("○", "faint"), "partly": ("◐", "warn")}
"""The sign of each state, and how it is drawn."""

_WHOLE: Final = ("D", "T")
"""Changes that are one entry on the disk, whatever was below."""


class LeavingOut:
    """A choice among changes: each is kept, or left out with all that is below it.

    What was deleted or replaced as a whole is chosen as a whole, and a file goes with
    all its names.
    """

    def __init__(self, top: ChangeNode) -> None:
        """Keep everything in this tree."""
        self.top = top
        self._out: dict[str, int] = {}  # changes at and below a path, if there are any
        self._above: dict[str, ChangeNode] = {}
        self._names: dict[int, list[ChangeNode]] = {}
        for node in _nodes(top):
            for inner in node.inner or ():
                self._above[inner.path] = node
            links = _links(node)
            if links:
                self._names.setdefault(links, []).append(node)

    def state(self, node: ChangeNode) -> str:
        """Say whether a node is "kept", "out" or only "partly" kept."""
        out = self._out.get(node.path, 0)
        if not out:
            return "kept"
        return "out" if out >= node.data.all else "partly"

    def __bool__(self) -> bool:
        """Say whether anything is left out."""
        return bool(self._out.get(self.top.path))

    @property
    def everything(self) -> bool:
        """Whether nothing is kept."""
        return self.state(self.top) == "out"

    def toggle(self, node: ChangeNode) -> None:
        """Leave out what is below a node; keep it if it was left out."""
        out = self.state(node) != "out"
        node = self._unit(node)
        names: list[ChangeNode] = []
        for one in _nodes(node):
            names += self._names.get(_links(one), ())
        self._set(node, out)
        for other in names:
            if (self.state(other) == "out") != out:
                self._set(other, out)

    def _unit(self, node: ChangeNode) -> ChangeNode:
        """Return the topmost node that was deleted or replaced as a whole."""
        found, at = node, self._above.get(node.path)
        while at is not None:
            found = at if at.data.sign in _WHOLE else found
            at = self._above.get(at.path)
        return found

    def _set(self, node: ChangeNode, out: bool) -> None:
        for one in _nodes(node):
            self._out[one.path] = one.data.all if out else 0
        at = self._above.get(node.path)
        while at is not None:
            inner = at.inner or ()
            count = sum(self._out.get(one.path, 0) for one in inner)
            if at.data.change and all(self.state(one) == "out" for one in inner):
                count += 1  # a directory goes with the last thing in it
            self._out[at.path] = count
            at = self._above.get(at.path)

    def nodes(self) -> list[ChangeNode]:
        """Return what is left out, each as far up as it is whole."""
        found: list[ChangeNode] = []
        stack = [self.top]
        while stack:
            node = stack.pop()
            state = self.state(node)
            if state == "out":
                found.append(node)
            elif state == "partly":
                stack += reversed(node.inner or ())
        return found

    def paths(self) -> tuple[str, ...]:
        """Return the paths that are left out, without what is below one of them."""
        return tuple(node.path for node in self.nodes())

    def words(self) -> str:
        """Describe what is left out, with its bytes."""
        nodes = self.nodes()
        many, weight = sum(n.data.all for n in nodes), sum(n.size for n in nodes)
        return f"{plural(many, 'change')} left out ({size(weight)})"


def _nodes(top: ChangeNode) -> Iterator[ChangeNode]:
    """Yield a node and all below it."""
    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        stack += node.inner or ()


def _links(node: ChangeNode) -> int:
    """Return the number that all names of a file share, 0 if it has one name."""
    change = node.data.change
    return change.after.links if change is not None and change.after else 0
