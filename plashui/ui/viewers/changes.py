"""The page with all changes of a shell, where some can be left out."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.model.paths.change_tree import Tally, change_cells, heading
from plashui.ui.model.paths.leaving_out import SIGNS, LeavingOut
from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.path_tree import Cells, PathTree
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

KEYS = (
    Key("space", "Leave out", "leave_out", 1),
    Key("l h", "Open, close", "", 2),
    Key("*", "Open all", "", 3),
    Key("esc", "Back", "app.pop_screen"),
)


class ChangesScreen(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """A tree of changed paths, biggest first, each kept or left out."""

    help_section = "Changes of a shell"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f3", "app.pop_screen", "Back", show=False),
        Binding("space", "leave_out", "Leave out", show=False),
    ]

    def __init__(self, title: str, choice: LeavingOut) -> None:
        """Show the changes of this choice, and change it."""
        super().__init__()
        self._called, self._choice = title, choice

    def compose(self) -> ComposeResult:
        """Yield the top line, the tree and the keys."""
        yield TopLine(self._called)
        yield PathTree[Tally](self._cells)
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Fill the tree."""
        self.query_one(PathTree).show_tree(self._choice.top)
        self._say()

    def action_leave_out(self) -> None:
        """Leave out what is under the cursor, or keep it after all; go on by one."""
        tree = self.query_one(PathTree)
        if tree.node is not None:
            self._choice.toggle(tree.node)
            tree.refresh()
            tree.cursor += 1
            self._say()

    def _say(self) -> None:
        words = heading(self._choice.top)
        left = f" · {self._choice.words()}" if self._choice else ""
        self.query_one(TopLine).show(words + left)

    def _cells(self, node: PathNode[Tally], width: int) -> tuple[Cells, Cells]:
        left, right = change_cells(node, width, self._choice.top)
        sign, kind = SIGNS[self._choice.state(node)]
        return [(f" {sign}", kind), *left], right
