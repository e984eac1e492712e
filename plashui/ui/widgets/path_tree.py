"""A tree of paths that opens and closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar, overload

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from plashui.ui.model.paths.path_rows import (
    PathNode,
    PathRow,
    above,
    branches_of,
    end_of,
    rows_of,
)
from plashui.ui.model.text.lines import Line, cut, highlighted
from plashui.ui.widgets.line_list import LineList

T = TypeVar("T")

Cells = list[tuple[str, str]]
Draw = Callable[[PathNode[T], int], tuple[Cells, Cells]]
"""Returns the cells left and right of a node's name, for a total width."""

DEEPEST: Final = 12
"""Levels that are drawn; what is deeper stands as if it were there."""
_OPENED: Final = "▾ "
_CLOSED: Final = "▸ "
_LEAF: Final = "  "
_MARKED: Final = "▌ "


class _Lines(Sequence[Line]):
    """The lines of a tree, each made when it is drawn."""

    def __init__(self, tree: PathTree[Any]) -> None:
        self._tree = tree

    def __len__(self) -> int:
        return len(self._tree.rows)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return self._tree.line(self._tree.rows[at])


class PathTree(LineList, Generic[T]):
    """Paths that are opened and closed by keys or mouse."""

    HELP = "A tree of paths: l opens, h closes, enter chooses."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "close_branch", "Close", show=False),
        Binding("right,l", "open_branch", "Open", show=False),
        Binding("enter", "choose", "Choose", show=False),
        Binding("asterisk", "open_all", "Open all", show=False),
        Binding("minus", "close_all", "Close all", show=False),
    ]

    @dataclass
    class Wanted(Message):
        """A directory was opened whose content is not known yet."""

        node: PathNode[Any]

    @dataclass
    class Picked(Message):
        """A file was chosen, by key or mouse."""

        node: PathNode[Any]

    def __init__(self, draw: Draw[T], *, id: str | None = None) -> None:  # noqa: A002
        """Start empty; `draw` returns the cells around each name."""
        super().__init__(choose=True, id=id)
        self._draw_node = draw
        self.top: PathNode[T] | None = None
        self.words: Sequence[str] = ()
        """Words that are drawn so that they stand out in the names."""
        self.rows: list[PathRow[T]] = []
        self.marked: PathNode[T] | None = None
        self.lines = _Lines(self)

    @property
    def node(self) -> PathNode[T] | None:
        """The node under the cursor."""
        return self.rows[self.cursor].node if self.cursor < len(self.rows) else None

    def show_tree(self, top: PathNode[T] | None) -> None:
        """Show the content of this node; move the cursor to the first line."""
        self.top = top
        self.rows = [] if top is None else rows_of(top)
        self.set_reactive(LineList.cursor, 0)
        self.scroll_to(y=0, animate=False)
        self._fit()

    def go_to(self, path: str) -> None:
        """Move the cursor to this path, if it is shown."""
        rows = enumerate(self.rows)
        self.cursor = next((at for at, row in rows if row.node.path == path), 0)

    def filled(self, node: PathNode[T]) -> None:
        """Show the content of a node that was just read, if it is open."""
        at = next((i for i, row in enumerate(self.rows) if row.node is node), None)
        if at is not None and node.opened:
            end = end_of(self.rows, at)
            self.rows[at + 1 : end] = rows_of(node, self.rows[at].depth + 1)
            self._fit()

    def line(self, row: PathRow[T]) -> Line:
        """Return one line as drawn."""
        node = row.node
        width = self.scrollable_content_region.width
        left, right = self._draw_node(node, width)
        marked = node is self.marked
        arrow = (_OPENED if node.opened else _CLOSED) if node.branch else _LEAF
        indent = "  " * min(row.depth, DEEPEST)
        used = sum(cell_len(text) for text, _kind in (*left, *right))
        room = max(4, width - used - len(indent) - 2)
        kind = "mark" if marked else "strong" if node.branch else ""
        name = cut(node.name, room)
        sign = (_MARKED, "mark") if marked else (arrow, "faint")
        names = highlighted(name, self.words, kind, "found")
        return [*left, (indent, ""), sign, *names, *right]

    # -- keys and mouse -------------------------------------------------------

    def action_open_branch(self) -> None:
        """Open the directory under the cursor; if open, go to its first child."""
        node = self.node
        if node is None or not node.branch:
            return
        if not node.opened:
            self._switch(self.cursor)
        elif node.inner:
            self.cursor += 1

    def action_close_branch(self) -> None:
        """Close the directory under the cursor; if closed, go to its parent."""
        node = self.node
        if node is None:
            return
        if node.opened:
            self._switch(self.cursor)
            return
        up = above(self.rows, self.cursor)
        if up is not None:
            self.cursor = up

    def action_open_all(self) -> None:
        """Open every directory whose content is known."""
        self._switch_all(opened=True)

    def action_close_all(self) -> None:
        """Close every directory."""
        self._switch_all(opened=False)

    def _switch_all(self, *, opened: bool) -> None:
        """Open these branches; keep the cursor on its node or an ancestor."""
        if self.top is None or not self.rows:
            return
        way = [self.node]
        at: int | None = self.cursor
        while at is not None and (at := above(self.rows, at)) is not None:
            way.append(self.rows[at].node)
        for node in branches_of(self.top):
            node.opened = opened
        self.rows = rows_of(self.top)
        self._fit()
        lines = {id(row.node): line for line, row in enumerate(self.rows)}
        self.cursor = next((lines[id(n)] for n in way if id(n) in lines), 0)

    def action_choose(self) -> None:
        """Open or close a directory, or post that a file was picked."""
        node = self.node
        if node is None:
            return
        if node.branch:
            self._switch(self.cursor)
        else:
            self.post_message(self.Picked(node))

    def on_click(self, event: events.Click) -> None:
        """Select; a click opens a directory, a double click picks a file."""
        index = int(event.y + self.scroll_offset.y)
        if not 0 <= index < len(self.rows):
            return
        event.prevent_default()
        self.cursor = index
        node = self.rows[index].node
        if node.branch and event.chain == 1:
            self._switch(index)
        elif event.chain == 2 and not node.branch:
            self.post_message(self.Picked(node))

    def _switch(self, at: int) -> None:
        node, depth = self.rows[at]
        if node.opened:
            del self.rows[at + 1 : end_of(self.rows, at)]
            node.opened = False
        else:
            node.opened = True
            if node.inner is None:
                self.post_message(self.Wanted(node))
            else:
                self.rows[at + 1 : at + 1] = rows_of(node, depth + 1)
        self._fit()
