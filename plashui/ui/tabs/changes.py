"""The tab Changes: what differs between two images, as a tree by size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple

from rich.cells import cell_len
from textual.widgets import Static

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.image.diff import diff
from plashui.model.forest import EMPTY_IMAGE, Forest
from plashui.store.store import Store
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.paths.change_tree import (
    ChangeNode,
    Tally,
    change_cells,
    change_tree,
    heading,
)
from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.model.text.lines import cut
from plashui.ui.tabs.searching import SEARCH_KEY, SearchingTab
from plashui.ui.tabs.working import sentence
from plashui.ui.viewers.open_change import open_change
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.path_tree import Cells, PathTree

KEPT: Final = 50_000
"""Most changes kept in memory, for returning to an image at once."""

KEYS: Final = (
    Key("enter", "View", "view", 1),
    SEARCH_KEY,
    Key("l h", "Open, close", "", 3),
)


class Pair(NamedTuple):
    """Two images; the changes lead from `old` to `new`."""

    old: int
    new: int


def pair_of(subject: Subject) -> Pair | None:
    """Return the image and what it is compared with: the marked image or its parent."""
    image = subject.image
    if image is None or not subject.there:
        return None
    others = [i for i in subject.marked - {image} if i in subject.forest]
    if len(others) == 1:
        return Pair(others[0], image)
    return Pair(subject.forest.images[image].parent, image)


class ChangesTab(SearchingTab):
    """A tree of added, modified and deleted paths."""

    keys = KEYS

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._pair: Pair | None = None
        self._done = False
        self._trees: dict[Pair, ChangeNode] = {}

    def show(self, subject: Subject, *, new: bool) -> None:
        """Compare if the pair of images is new."""
        self.subject = subject
        pair = pair_of(subject)
        if pair == self._pair and (self._done or not new):
            return
        self._pair, self._done = pair, False
        self.forget_search()
        self.tree_of_paths.show_tree(None)
        if pair is None:
            self.leave()
            self._say("")
        elif pair in self._trees:
            self.leave()
            self.found((pair, self._trees[pair]))
        else:
            self._say(f"{self._against(pair)}: comparing …")
            self.begin(partial(_compare, self.store, subject.forest, pair))

    def found(self, value: Any) -> None:
        """Show the tree of changes, or what was searched for in it."""
        if self.search_found(value):
            return
        pair, top = value
        self._trees.pop(pair, None)
        self._trees[pair] = top
        while len(self._trees) > 1 and self._kept() > KEPT:
            del self._trees[next(iter(self._trees))]
        self._done = True
        self._head()
        self.tree_of_paths.show_tree(top)

    def whole_tree(self) -> Callable[[Cancel], ChangeNode] | None:
        """Return the tree of changes."""
        top = self._trees.get(self._pair) if self._pair and self._done else None
        return None if top is None else lambda _cancel: top

    def searched_image(self) -> int | None:
        """Return the image with the changes."""
        return self._pair.new if self._pair else None

    def files_of(self, nodes: Iterable[PathNode[Tally]]) -> Iterable[str]:
        """Return the files that were added or modified."""
        for node in nodes:
            change = node.data.change
            if change is not None and change.after and change.after.kind == "-":
                yield node.path

    def say_usual(self) -> None:
        """Show what is compared, and how much has changed."""
        self._head()

    def _kept(self) -> int:
        return sum(max(1, tree.data.all) for tree in self._trees.values())

    def on_resize(self) -> None:
        """Fit the heading to the new width."""
        if not self.is_searching:
            self._head()

    def _head(self) -> None:
        pair = self._pair
        if pair in self._trees and self._done:
            words = self._summary(pair, short=self.size.width < 60)
            if cell_len(words) > self.size.width - 4:
                words = self._summary(pair, short=True)
            self._say(words)

    def _summary(self, pair: Pair, *, short: bool) -> str:
        words = heading(self._trees[pair], short=short)
        return f"{self._against(pair, short=short)}: {words}"

    def failed(self, error: Exception) -> None:
        """Show the error in place of the tree."""
        self._done = True
        self._say(sentence(error))

    def action_view(self) -> None:
        """Do what Enter does: open a directory or show a file."""
        self.tree_of_paths.action_choose()

    def on_path_tree_picked(self, event: PathTree.Picked) -> None:
        """Show a file: the new or old one, or the difference between both."""
        event.stop()
        change, pair = event.node.data.change, self._pair
        if change is None or pair is None:
            return
        open_change(self, self.store, change, *pair)

    def _say(self, words: str) -> None:
        self.query_one(Static).update(f" {clean(words)}")

    def _against(self, pair: Pair, *, short: bool = False) -> str:
        forest = self.subject.forest
        if pair.old == EMPTY_IMAGE:
            return "whole image"
        what = "marked" if pair.old in self.subject.marked else "parent"
        label = forest.label(pair.old) if pair.old in forest and not short else ""
        words = f"{what} {pair.old} {label}".rstrip()
        return words if short else f"vs. {words}"

    def cells(self, node: PathNode[Tally], width: int) -> tuple[Cells, Cells]:
        """Return the cells left and right of a path."""
        whole = self._trees.get(self._pair) if self._pair else None
        left, right = change_cells(node, width, whole)
        note = self.matches.notes.get(node.path) if self.matches else None
        return left, [(f"  {cut(note, width // 2)}", "faint")] if note else right


def _compare(store: Store, forest: Forest, pair: Pair, cancel: Cancel) -> Any:
    """Compare the two images, in a thread."""
    changes = diff(store, forest, pair.old, pair.new, cancel=cancel)
    cancel.check()
    return pair, change_tree(changes, cancel)
