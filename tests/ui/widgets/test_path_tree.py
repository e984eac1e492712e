"""The widget of a tree of paths."""

from __future__ import annotations

from textual.app import ComposeResult

from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.platform.palette import ReadableApp
from plashui.ui.widgets.path_tree import PathTree


class Alone(ReadableApp):
    """A tree of paths and nothing else."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        super().__init__()
        self.begin_with("textual-dark")

    def compose(self) -> ComposeResult:
        """The tree."""
        yield PathTree[None](lambda _node, _width: ([], []))


async def test_each_key_does_no_harm_where_nothing_is_shown() -> None:
    async with Alone().run_test() as pilot:
        tree = pilot.app.query_one(PathTree)
        tree.focus()
        for top in (None, PathNode("", "", None, branch=True, inner=[])):
            tree.show_tree(top)
            await pilot.press("asterisk", "minus", "left", "right", "enter", "j", "G")
            assert tree.node is None
