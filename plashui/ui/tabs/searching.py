"""The base class of tabs with a tree of paths that can be searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import thousands
from plashui.image.search import Hit, containing
from plashui.store.store import Store
from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.model.paths.path_search import (
    Matches,
    in_path,
    matching,
    nodes_of,
    words_of,
)
from plashui.ui.platform.textual_private import is_being_removed
from plashui.ui.tabs.working import WorkingTab
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.path_tree import Cells, PathTree
from plashui.ui.widgets.search_line import SearchLine

PAUSE: Final = 0.1
"""Seconds without a key before paths are searched."""

SEARCH_KEY: Final = Key("/", "Search", "search", 2)


class SearchingTab(WorkingTab):
    """Search the paths of a tree, or what is in its files.

    The tree of matches takes the place of the tree, which comes back as it was.
    """

    DEFAULT_CSS = "SearchingTab > PathTree { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False),
        Binding("n", "match(1)", "Next match", show=False),
        Binding("N", "match(-1)", "Last match", show=False),
        Binding("escape", "end_search", "End the search", show=False),
    ]

    def __init__(self) -> None:
        """Start without a search."""
        super().__init__()
        self.matches: Matches[Any] | None = None
        self._before: tuple[PathNode[Any] | None, str] = (None, "")

    def compose(self) -> ComposeResult:
        """Yield a line that sums up, and the tree."""
        yield Static("", markup=False)
        yield PathTree[Any](self.cells)

    def inner(self) -> Widget:
        """Return the tree."""
        return self.tree_of_paths

    @property
    def tree_of_paths(self) -> PathTree[Any]:
        """The tree."""
        return self.query_one(PathTree)

    # -- what a tab must say --------------------------------------------------

    def cells(self, node: PathNode[Any], width: int) -> tuple[Cells, Cells]:
        """Return what is shown of a node, left and right."""
        raise NotImplementedError

    def whole_tree(self) -> Callable[[Cancel], PathNode[Any]] | None:
        """Return what finds the tree to search, in a thread; None if there is none."""
        raise NotImplementedError

    def searched_image(self) -> int | None:
        """Return the image in whose files texts are searched."""
        raise NotImplementedError

    def files_of(self, nodes: Iterable[PathNode[Any]]) -> Iterable[str]:
        """Return the paths of the files among the nodes."""
        raise NotImplementedError

    def say_usual(self) -> None:
        """Show the line above the tree as it is without a search."""
        raise NotImplementedError

    # -- the search -----------------------------------------------------------

    @property
    def is_searching(self) -> bool:
        """Whether there is a search."""
        return bool(self._lines()) or self.matches is not None

    def _lines(self) -> list[SearchLine]:
        """Return the line for the search, unless it is on its way out."""
        return [line for line in self.query(SearchLine) if not is_being_removed(line)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys to others that mean something only during a search."""
        if action in ("match", "end_search"):
            return self.is_searching
        return super().check_action(action, parameters)

    async def action_search(self) -> None:
        """Open the line for the search; what was typed before stays in it."""
        if self.whole_tree() is None:
            return
        if not self._lines():
            if self.matches is None:
                tree = self.tree_of_paths
                self._before = (tree.top, tree.node.path if tree.node else "")
            await self.mount(SearchLine(), before=self.tree_of_paths)
        self.screen.set_focus(self._lines()[0])

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Search paths while they are typed; a text only when Enter is pressed."""
        event.stop()
        words = words_of(event.value)
        whole = self.whole_tree()
        if event.value.startswith("//") or whole is None:
            self._tell("Enter searches the content of all files")
        elif words:
            self.begin(partial(_paths, whole, words), rest=PAUSE)
        else:
            self._show(None)

    @on(SearchLine.Go)
    def go(self, event: SearchLine.Go) -> None:
        """Go to the matches; search the content of files if a text was typed."""
        event.stop()
        text, whole = event.text.removeprefix("//"), self.whole_tree()
        image = self.searched_image()
        if event.text.startswith("//") and text and whole is not None and image:
            self._tell(f"searching for {text} …")
            work = partial(_texts, self.store, image, whole, text, self.files_of)
            self.begin(work, rest=0)
        self.screen.set_focus(self.tree_of_paths)

    @on(SearchLine.Ended)
    def ended(self, event: SearchLine.Ended) -> None:
        """End the search."""
        event.stop()
        self.action_end_search()

    def action_end_search(self) -> None:
        """Show the tree as it was before the search."""
        self.forget_search()
        self.tree_of_paths.show_tree(self._before[0])
        self.tree_of_paths.go_to(self._before[1])
        self.screen.set_focus(self.tree_of_paths)
        self.say_usual()

    def forget_search(self) -> None:
        """Remove the search; whoever calls this shows another tree."""
        self.query(SearchLine).remove()
        self.matches = None
        self.tree_of_paths.words = ()

    def action_match(self, by: int) -> None:
        """Go to the next match, or the one before."""
        tree, matches = self.tree_of_paths, self.matches
        if matches is None:
            return
        places = [
            i for i, row in enumerate(tree.rows) if row.node.path in matches.paths
        ]
        if not places:
            return
        if by > 0:
            ahead = [i for i in places if i > tree.cursor]
            tree.cursor = (ahead or places)[0]
        else:
            behind = [i for i in places if i < tree.cursor]
            tree.cursor = (behind or places)[-1]

    def search_found(self, value: Any) -> bool:
        """Show what was found; say whether the value was that."""
        if isinstance(value, Matches):
            self._show(value)
            return True
        return False

    def _show(self, matches: Matches[Any] | None) -> None:
        self.matches = matches
        tree = self.tree_of_paths
        tree.words = matches.words if matches is not None else ()
        tree.show_tree(matches.top if matches is not None else self._before[0])
        if matches is None:
            self.say_usual()
            return
        first = next((r.node for r in tree.rows if r.node.path in matches.paths), None)
        tree.go_to(first.path if first is not None else "")
        many = len(matches.paths)
        self._tell(f"{thousands(many)} match{'' if many == 1 else 'es'}")

    def _tell(self, words: str) -> None:
        self.query(Static).first().update(f" {clean(words)}")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Close an empty line that is left."""
        if isinstance(event.widget, SearchLine) and not event.widget.value:
            event.widget.remove()


def _paths(
    whole: Callable[[Cancel], PathNode[Any]], words: tuple[str, ...], cancel: Cancel
) -> Matches[Any]:
    """Search the paths, in a thread."""
    top, paths = matching(whole(cancel), in_path(words))
    return Matches(top, paths, words)


def _texts(
    store: Store,
    image: int,
    whole: Callable[[Cancel], PathNode[Any]],
    text: str,
    files_of: Callable[[Iterable[PathNode[Any]]], Iterable[str]],
    cancel: Cancel,
) -> Matches[Any]:
    """Search the content of files, in a thread."""
    top = whole(cancel)
    hits: dict[str, str] = {}

    def found(hit: Hit) -> None:
        hits[hit.path] = f"{hit.number}: {clean(hit.line)}" if hit.number else "binary"

    paths = files_of(nodes_of(top))
    containing(store, image, text, paths, found=found, cancel=cancel)
    shown, matched = matching(top, lambda node: node.path in hits)
    return Matches(shown, matched, (), hits)
