"""The page with all changes of a shell."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.model.change_tree import ChangeNode, Tally, change_cells, heading
from plashui.ui.model.path_rows import PathNode
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.path_tree import Cells, PathTree
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

KEYS = (
    Key("l h", "Open, close", "", 1),
    Key("*", "Open all", "", 2),
    Key("esc", "Back", "app.pop_screen"),
)


class ChangesScreen(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """A tree of changed paths, biggest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f3", "app.pop_screen", "Back", show=False),
    ]

    def __init__(self, title: str, top: ChangeNode) -> None:
        """Show these changes."""
        super().__init__()
        self._called, self._top = title, top

    def compose(self) -> ComposeResult:
        """Yield the top line, the tree and the keys."""
        yield TopLine(self._called)
        yield PathTree[Tally](self._cells)
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Fill the tree."""
        self.query_one(TopLine).show(heading(self._top))
        self.query_one(PathTree).show_tree(self._top)

    def _cells(self, node: PathNode[Tally], width: int) -> tuple[Cells, Cells]:
        return change_cells(node, width, self._top)
