"""The tab Packages: what is installed, what the layer changed, what is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widgets import Static

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.image.packages.changes import changes
from plashui.image.packages.contents import Contents, contents
from plashui.image.packages.known import keep, known, summary
from plashui.model.forest import EMPTY_IMAGE
from plashui.store.store import Store
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.forms.form import Values
from plashui.ui.model.messages import JobWanted
from plashui.ui.model.paths.package_tree import (
    LayerOf,
    PackageLine,
    PackageNode,
    files_of,
    heading,
    package_cells,
    package_tree,
)
from plashui.ui.tabs.searching import SEARCH_KEY, SearchingTab
from plashui.ui.tabs.working import sentence
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.path_tree import Cells, PathTree

KEYS: Final = (
    Key("enter", "Open", "view", 1),
    SEARCH_KEY,
    Key("w", "Without leftovers", "slim", 3),
)


class PackagesTab(SearchingTab):
    """A tree of packages; opening one lists its files. A search finds packages."""

    keys = KEYS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "slim", "Without leftovers", show=False),
    ]

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._image: int | None = None
        self._found: Contents | None = None
        self._top: PackageNode | None = None

    def show(self, subject: Subject, *, new: bool) -> None:
        """Read the packages if the image is new."""
        self.subject = subject
        image = subject.image if subject.there else None
        if image == self._image and (self._found is not None or not new):
            return
        self._image, self._found = image, None
        self.forget_search()
        self.tree_of_paths.show_tree(None)
        if image is None:
            self.leave()
            self._say("")
            return
        self._say("reading …")
        parent = subject.forest.images[image].parent
        self.begin(partial(_read, self.store, image, parent))

    def on_path_tree_wanted(self, event: PathTree.Wanted) -> None:
        """List the files of a package that was opened."""
        event.stop()
        if self._found is not None:
            self.begin_more(partial(_files, self._found, event.node))

    def found(self, value: Any) -> None:
        """Show the packages of the image, or the files of a package."""
        if self.search_found(value):
            return
        if isinstance(value, LayerOf):
            self._found = value.contents
            self._top = package_tree(value)
            self.say_usual()
            self.tree_of_paths.show_tree(self._top)
            return
        node, inner = value
        node.inner = inner
        self.tree_of_paths.filled(node)

    def whole_tree(self) -> Callable[[Cancel], PackageNode] | None:
        """Return the tree."""
        top = self._top if self._found is not None else None
        return None if top is None else lambda _cancel: top

    def searched_image(self) -> int | None:
        """Return None: texts are searched in Files."""
        return None

    def files_of(self, nodes: Iterable[PackageNode]) -> Iterable[str]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def say_usual(self) -> None:
        """Show what there is in all."""
        if self._found is not None:
            self._say(heading(self._found, self.size.width - 2))

    def on_resize(self) -> None:
        """Say as much as the new width allows."""
        if not self.is_searching:
            self.say_usual()

    def failed(self, error: Exception) -> None:
        """Show the error in place of the tree."""
        self._say(sentence(error))

    def action_view(self) -> None:
        """Do what Enter does: open a branch or show a file."""
        self.tree_of_paths.action_choose()

    def on_path_tree_picked(self, event: PathTree.Picked) -> None:
        """Show a file."""
        event.stop()
        line: PackageLine = event.node.data
        if line.leftover:
            self.action_slim()
        elif line.file and self._image is not None:
            from plashui.ui.viewers.pager import Pager

            self.app.push_screen(Pager(self.store, self._image, event.node.path))

    def action_slim(self) -> None:
        """Ask for the name of an image without the leftovers under the cursor."""
        node, image, found = self.tree_of_paths.node, self._image, self._found
        if image is None or node is None or found is None:
            return
        left = found.leftovers
        if not left:
            self.plashui.tell("There are no leftovers here")
            return
        if self.plashui.read_only:
            self.plashui.tell("Read-only store", severity="warning")
            return
        if node.data.leftover:
            left = {node.data.leftover: left[node.data.leftover]}
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.forms.slim import slim_form, slimming

        def answered(values: Values | None) -> None:
            if values is not None:
                work = slimming(self.store, image, tuple(left), values)
                title = f"Slim {image}"
                self.post_message(JobWanted(title, work, undoable=True))

        form = slim_form(self.store, self.subject.forest, image, left)
        self.app.push_screen(FormScreen(form), answered)

    def _say(self, words: str) -> None:
        self.query_one(Static).update(f" {clean(words)}")

    def cells(self, node: PackageNode, width: int) -> tuple[Cells, Cells]:
        """Return the cells left and right of a name."""
        whole = self._top.size if self._top is not None else 0
        return package_cells(node, width, whole)


def _read(store: Store, image: int, parent: int, cancel: Cancel) -> LayerOf:
    """Read the packages of an image and of the one below, in a thread."""
    found = contents(store, image, cancel=cancel)
    now = keep(store, image, summary(found))
    if parent == EMPTY_IMAGE:
        return LayerOf(found, None)
    return LayerOf(found, changes(known(store, parent, cancel=cancel), now))


def _files(found: Contents, node: PackageNode, cancel: Cancel) -> Any:
    package = node.data.package
    return node, [] if package is None else files_of(found, package, cancel)
